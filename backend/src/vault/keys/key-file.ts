import { hkdfSync, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { decrypt, encrypt } from './aes-gcm.js'
import { KeyError, type KeyProvider } from './key-provider.js'

const secret = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, '32 bytes in base64')
const KeyFile = z.strictObject({
  version: z.literal(1),
  wrapping_keys: z
    .array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), created_at: z.iso.datetime(), key: secret }))
    .min(1)
    .describe('oldest first; the last one wraps'),
  hmac_root: secret,
})
type KeyFile = z.output<typeof KeyFile>

/**
 * The key provider of a single machine: one file for its owner's eyes, made on first start. Whoever has it and the data
 * directory can read everything; whoever loses it can read nothing any more, so it is backed up, and apart from the data.
 */
export async function openKeyFile(path: string): Promise<KeyProvider> {
  await createOnce(path)
  const written = await versionOf(path)
  return new KeysOfFile(path, written, await read(path))
}

/**
 * Adds a key, which wraps from now on, in processes that have the file open too; the older ones go on unwrapping. Returns its
 * id. The file that grows beside is the lock: of two that add at the same time one would lose the other's key.
 */
export async function addWrappingKey(path: string): Promise<string> {
  const growing = `${path}.new`
  const file = await open(growing, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause
    throw new Error(
      `A key is being added to ${path} now. If not, that was cut short: remove ${growing}, it was never in use.`,
    )
  })
  try {
    const before = await read(path)
    const added = newWrappingKey()
    await fill(file, { ...before, wrapping_keys: [...before.wrapping_keys, added] })
    await rename(growing, path)
    await syncDirectory(dirname(path))
    return added.id
  } catch (error) {
    await rm(growing, { force: true })
    throw error
  }
}

class KeysOfFile implements KeyProvider {
  private wrappingKeys = new Map<string, Buffer>()
  private current: string
  private readonly hmacRoot: Buffer

  constructor(
    private readonly path: string,
    private written: string,
    file: KeyFile,
  ) {
    this.hmacRoot = Buffer.from(file.hmac_root, 'base64')
    this.current = this.take(file)
  }

  get currentKeyId(): string {
    return this.current
  }

  async wrap(dataKey: Buffer, context: string): Promise<Buffer> {
    await this.refresh() // a key that was added meanwhile wraps from now on
    const id = this.current
    return Buffer.concat([
      Buffer.of(wrappedFormat),
      Buffer.from(id, 'hex'),
      encrypt(this.wrappingKey(id), dataKey, aadOf(id, context)),
    ])
  }

  async unwrap(wrapped: Buffer, context: string): Promise<Buffer> {
    const id = this.keyIdOf(wrapped)
    if (!this.wrappingKeys.has(id)) await this.refresh()
    return decrypt(this.wrappingKey(id), wrapped.subarray(1 + idLength), aadOf(id, context))
  }

  keyIdOf(wrapped: Buffer): string {
    if (wrapped[0] !== wrappedFormat) throw new KeyError('A wrapped key has an unknown format.')
    return wrapped.subarray(1, 1 + idLength).toString('hex')
  }

  hmacKey(name: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.hmacRoot, '', `custodia hmac ${name}`, 32))
  }

  /** Reads the file again if another is in its place. One that is gone or damaged changes nothing: these keys still hold. */
  private async refresh(): Promise<void> {
    const written = await versionOf(this.path).catch(() => this.written)
    if (written === this.written) return
    const file = await read(this.path).catch(() => undefined)
    if (file === undefined || file.hmac_root !== this.hmacRoot.toString('base64')) return // another system's
    this.current = this.take(file)
    this.written = written
  }

  /** Returns the id of the key that wraps. */
  private take(file: KeyFile): string {
    this.wrappingKeys = new Map(file.wrapping_keys.map(({ id, key }) => [id, Buffer.from(key, 'base64')]))
    return file.wrapping_keys.at(-1)!.id
  }

  private wrappingKey(id: string): Buffer {
    const key = this.wrappingKeys.get(id)
    if (!key) throw new KeyError(`The key ${id} that wrapped this is not in the key file.`)
    return key
  }
}

const wrappedFormat = 1
const idLength = 8
const aadOf = (id: string, context: string) => Buffer.from(`custodia wrap ${id} ${context}`)

const newWrappingKey = () => ({
  id: randomBytes(idLength).toString('hex'),
  created_at: new Date().toISOString(),
  key: randomBytes(32).toString('base64'),
})

/** Written aside and linked into place, so that the file appears whole, and two first starts agree on one. */
async function createOnce(path: string): Promise<void> {
  if (await exists(path)) return
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  await writeDurably(aside, {
    version: 1,
    wrapping_keys: [newWrappingKey()],
    hmac_root: randomBytes(32).toString('base64'),
  })
  try {
    await link(aside, path)
    await syncDirectory(dirname(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(aside)
  }
}

/** Changes whenever another file takes this one's place. */
const versionOf = async (path: string): Promise<string> => {
  const { ino, mtimeMs } = await stat(path)
  return `${ino} ${mtimeMs}`
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error // a file that cannot be seen must not be taken for a missing one
    },
  )

async function read(path: string): Promise<KeyFile> {
  const { mode } = await stat(path)
  if (mode & 0o077) {
    const octal = (mode & 0o777).toString(8)
    throw new Error(
      `The key file ${path} can be read by others (mode ${octal}): run "chmod 600 ${path}", and consider its keys seen.`,
    )
  }
  const parsed = KeyFile.safeParse(parseJson(await readFile(path, 'utf8')))
  // Never the content: neither zod's nor the parser's message may quote a key.
  if (!parsed.success) throw new Error(`The key file ${path} is damaged: put its backup in its place.`)
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function writeDurably(path: string, content: KeyFile): Promise<void> {
  await fill(await open(path, 'wx', 0o600), content)
}

async function fill(file: FileHandle, content: KeyFile): Promise<void> {
  try {
    await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  await handle.sync().finally(() => handle.close())
}
