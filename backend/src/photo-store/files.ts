import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { PhotoNotFound, requirePhotoKey, type PhotoStore, type StoredPhoto } from './photo-store.js'

/** Older temporary files were left by a crash; younger ones may belong to another process that is writing. */
const abandonedAfterMs = 60 * 60 * 1000

/** The photo store of a single machine: a folder. Objects are spread over 256 × 256 directories by a hash of their key. */
export async function openPhotoFolder(root: string): Promise<PhotoStore> {
  const growing = join(root, '.growing')
  await mkdir(growing, { recursive: true, mode: 0o700 })
  await removeAbandoned(growing)
  return new PhotoFolder(root, growing)
}

class PhotoFolder implements PhotoStore {
  constructor(
    private readonly root: string,
    private readonly growing: string,
  ) {}

  async put(key: string, content: Uint8Array | Readable): Promise<void> {
    const path = this.pathOf(key)
    const temporary = join(this.growing, randomUUID())
    try {
      await writeDurably(temporary, content)
      await this.makeDirectoryOf(path)
      await rename(temporary, path)
      await sync(dirname(path))
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  async get(key: string): Promise<StoredPhoto> {
    const path = this.pathOf(key)
    // An open file stays what it is, whatever happens to its name.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new PhotoNotFound(key) : error
    })
    const { size } = await file.stat()
    return { bytes: size, stream: file.createReadStream() }
  }

  async delete(key: string): Promise<void> {
    const path = this.pathOf(key)
    try {
      await rm(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    await sync(dirname(path))
  }

  async check(): Promise<void> {
    await access(this.growing, constants.W_OK).catch((cause) => {
      throw new Error(`The photo folder ${this.root} cannot be written to.`, { cause })
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
