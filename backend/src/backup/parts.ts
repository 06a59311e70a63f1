import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { NotInTarget, type BackupTarget } from './backup-target.js'
import { decrypted, encrypted, type BackupKey } from './backup-key.js'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** One file of a backup, as the manifest knows it. Its content is lines; compressed with gzip, then encrypted with age. */
export const Part = z.strictObject({
  name: z.string().min(1).describe('what it is, e.g. `records/customers`'),
  object: z.string().min(1).describe('its name in the target'),
  bytes: z.number().int().describe('as it lies in the target'),
  sha256: sha256.describe('of the bytes in the target'),
  content_sha256: sha256.describe('of what was compressed and encrypted'),
  rows: z.number().int().describe('lines of the content'),
})
export type Part = z.infer<typeof Part>

/** A part that is missing, altered, cut, or another backup's. Nothing of it may be used. */
export class DamagedPart extends Error {
  constructor(
    readonly part: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(`The part ${part} of the backup ${what}: restore another backup, and find out what happened to this one.`, {
      ...options,
    })
    this.name = 'DamagedPart'
  }
}

/** Writes a part in bounded memory, however long it is. */
export async function writePart(
  target: BackupTarget,
  key: BackupKey,
  { name, object }: Pick<Part, 'name' | 'object'>,
  content: AsyncIterable<Uint8Array>,
): Promise<Part> {
  const plain = new Tally()
  const stored = new Tally()
  const compressed = bytesOf(plain.of(content)).compose(createGzip())
  await target.put(object, bytesOf(stored.of(await encrypted(key.recipient, compressed))))
  return { name, object, bytes: stored.bytes, sha256: stored.hash(), content_sha256: plain.hash(), rows: plain.lines }
}

/**
 * The content of a part. What it yields is not yet known to be whole: only the end of the iteration says so, and until then
 * whatever is made of it must be such that it can be undone.
 */
export async function* readPart(target: BackupTarget, key: BackupKey, part: Part): AsyncGenerator<Uint8Array> {
  const plain = new Tally()
  const stored = new Tally()
  try {
    const source = bytesOf(stored.of(await target.get(part.object)))
    const content = bytesOf(await decrypted(key.identity, source)).compose(createGunzip())
    yield* plain.of(content as AsyncIterable<Uint8Array>)
  } catch (cause) {
    if (cause instanceof NotInTarget) throw new DamagedPart(part.name, 'is missing', { cause })
    if (isTrouble(cause)) throw cause
    throw new DamagedPart(part.name, 'was altered or cut', { cause })
  }
  if (stored.bytes !== part.bytes || stored.hash() !== part.sha256)
    throw new DamagedPart(part.name, 'is not the one that was written')
  if (plain.hash() !== part.content_sha256 || plain.lines !== part.rows)
    throw new DamagedPart(part.name, 'does not hold what was written')
}

/** Reads a part to its end and throws its content away: it is whole, or this throws. */
export async function verifyPart(target: BackupTarget, key: BackupKey, part: Part): Promise<void> {
  for await (const chunk of readPart(target, key, part)) void chunk
}

/** The lines of a part. */
export async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for await (const chunk of content) {
    const lines = (rest + text.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Counts and hashes what flows by. */
class Tally {
  bytes = 0
  lines = 0
  private readonly sha256 = createHash('sha256')

  async *of(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.bytes += chunk.length
      this.sha256.update(chunk)
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) this.lines++
      yield chunk
    }
  }

  hash(): string {
    return this.sha256.digest('hex')
  }
}

const newline = 0x0a
const bytesOf = (source: AsyncIterable<Uint8Array>): Readable => Readable.from(source, { objectMode: false })

/** A disk or network that fails says nothing about the part. */
const isTrouble = (error: unknown): boolean => {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  return syscall !== undefined || (typeof code === 'string' && /^E[A-Z]+$/.test(code) && !code.startsWith('ERR_'))
}
