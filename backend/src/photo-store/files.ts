import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { Bounded } from './bounded.js'
import {
  PhotoNotFound,
  PhotoStoreUnavailable,
  requirePhotoKey,
  type PhotoStore,
  type StoredPhoto,
} from './photo-store.js'

/** Older temporary files were left by a crash; younger ones may belong to another process that is writing. */
const abandonedAfterMs = 60 * 60 * 1000

/** Of the four threads that a process has for files by default. */
const atOnce = 3
const patienceMs = 5000
/** The disk or its rights, and nothing about the photo: full, read-only, failing, gone. */
const diskTroubles = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EIO',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'ESTALE',
])

/** The photo store of a single machine: a folder. Objects are spread over 256 × 256 directories by a hash of their key. */
export async function openPhotoFolder(root: string): Promise<PhotoStore> {
  const growing = join(root, '.growing')
  await mkdir(growing, { recursive: true, mode: 0o700 })
  await removeAbandoned(growing)
  return new PhotoFolder(root, growing)
}

class PhotoFolder implements PhotoStore {
  private readonly disk = new Bounded(atOnce, patienceMs)

  constructor(
    private readonly root: string,
    private readonly growing: string,
  ) {}

  async put(key: string, content: Uint8Array | Readable): Promise<void> {
    const path = this.pathOf(key)
    const work = () => this.write(path, content)
    await (content instanceof Readable ? this.disk.runUnhurried(work) : this.disk.run(work))
  }

  async get(key: string): Promise<StoredPhoto> {
    const path = this.pathOf(key)
    const content = await this.disk.run(() => this.read(key, path))
    return { bytes: content.length, stream: Readable.from(content.length ? [content] : [], { objectMode: false }) }
  }

  async delete(key: string): Promise<void> {
    const path = this.pathOf(key)
    await this.disk.run(() => this.remove(path))
  }

  private async write(path: string, content: Uint8Array | Readable): Promise<void> {
    const temporary = join(this.growing, randomUUID())
    try {
      await writeDurably(temporary, content)
      await this.makeDirectoryOf(path)
      await rename(temporary, path)
      await sync(dirname(path))
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw await this.explain(error)
    }
  }

  private async read(key: string, path: string): Promise<Buffer> {
    try {
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      return await file.readFile().finally(() => file.close())
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' && (await this.isThere())
      throw missing ? new PhotoNotFound(key) : await this.explain(error)
    }
  }

  private async remove(path: string): Promise<void> {
    try {
      await rm(path)
      await sync(dirname(path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (await this.isThere())) return
      throw await this.explain(error)
    }
  }

  /** A folder that is not mounted has no photos, and that says nothing about any of them. */
  private isThere(): Promise<boolean> {
    return access(this.growing).then(
      () => true,
      () => false,
    )
  }

  private async explain(error: unknown): Promise<unknown> {
    const { code } = error as NodeJS.ErrnoException
    if (!diskTroubles.has(code ?? '') && (code !== 'ENOENT' || (await this.isThere()))) return error
    const message = `The photo folder ${this.root} cannot be used (${code}): see that its disk is there and has room.`
    return new PhotoStoreUnavailable(message, { cause: error })
  }

  async check(): Promise<void> {
    await this.disk
      .run(() => access(this.growing, constants.W_OK))
      .catch((cause) => {
        throw new PhotoStoreUnavailable(`The photo folder ${this.root} cannot be written to.`, { cause })
      })
  }

  private pathOf(key: string): string {
    requirePhotoKey(key)
    const hash = createHash('sha256').update(key).digest('hex')
    return join(this.root, hash.slice(0, 2), hash.slice(2, 4), key)
  }

  /** Each new directory's name is made durable too, else a power cut could lose the whole branch. */
  private async makeDirectoryOf(path: string): Promise<void> {
    const directory = dirname(path)
    if ((await mkdir(directory, { recursive: true, mode: 0o700 })) === undefined) return
    await sync(dirname(directory))
    await sync(this.root)
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
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0, // finished and renamed meanwhile
    )
    if (age > abandonedAfterMs) await rm(path, { force: true })
  }
}
