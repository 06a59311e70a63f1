import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { NotInTarget, requireTargetName, type BackupTarget, type TargetObject } from './backup-target.js'

const growingName = '.growing'
/** Older temporary files were left by a crash; younger ones may belong to a backup that is being written. */
const abandonedAfterMs = 24 * 60 * 60 * 1000

/** A folder, meant to be a mount of another machine's disk. It must exist: a missing mount must not be taken for an empty one. */
export async function openFolderTarget(root: string): Promise<BackupTarget> {
  const target = new FolderTarget(root)
  await target.check()
  await target.removeAbandoned()
  return target
}

class FolderTarget implements BackupTarget {
  private readonly growing: string

  constructor(private readonly root: string) {
    this.growing = join(root, growingName)
  }

  async put(name: string, content: Uint8Array | Readable): Promise<void> {
    const path = this.pathOf(name)
    const temporary = join(this.growing, randomUUID())
    try {
      await writeDurably(temporary, content)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await rename(temporary, path)
      await sync(dirname(path))
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  async get(name: string): Promise<Readable> {
    const file = await open(this.pathOf(name), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
      (error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? new NotInTarget(name) : error
      },
    )
    return file.createReadStream()
  }

  async size(name: string): Promise<number | undefined> {
    const found = await stat(this.pathOf(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    return found?.isFile() ? found.size : undefined
  }

  async *list(prefix: string): AsyncIterable<TargetObject> {
    if (prefix !== '') requireTargetName(prefix.replace(/\/$/, ''))
    yield* this.walk(join(this.root, prefix))
  }

  async delete(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true })
  }

  async check(): Promise<void> {
    try {
      await access(this.root, constants.W_OK | constants.X_OK)
      await mkdir(this.growing, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw new Error(
        `The backup folder ${this.root} cannot be written: mount it, or make it and give it to this user.`,
        { cause },
      )
    }
  }

  close(): void {} // nothing is kept open

  async removeAbandoned(): Promise<void> {
    for await (const entry of await opendir(this.growing)) {
      const path = join(this.growing, entry.name)
      const found = await stat(path).catch(() => undefined) // finished and renamed meanwhile
      if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true })
    }
  }

  private async *walk(directory: string): AsyncIterable<TargetObject> {
    const entries = await opendir(directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (!entries) return
    for await (const entry of entries) {
      const path = join(directory, entry.name)
      if (path === this.growing) continue
      if (entry.isDirectory()) yield* this.walk(path)
      else yield { name: relative(this.root, path).split(sep).join('/'), bytes: (await stat(path)).size }
    }
  }

  private pathOf(name: string): string {
    requireTargetName(name)
    return join(this.root, name)
  }
}

async function writeDurably(path: string, content: Uint8Array | Readable): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  await handle.sync().finally(() => handle.close())
}
