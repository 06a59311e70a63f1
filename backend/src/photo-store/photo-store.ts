import type { Readable } from 'node:stream'

/** An object as it was when `get` found it. */
export interface StoredPhoto {
  bytes: number
  stream: Readable
}

/**
 * Port 4: photos by key, as sealed bytes; what they show is the vault's affair. The promises, each a test of
 * photo-store.contract.ts:
 * - `get` returns what was put, byte for byte, with its size, and the same again after the store was opened anew.
 * - A photo is there whole or not at all: a put that fails midway leaves what was there before.
 * - A photo replaced or deleted while it is read is read to its end as it was.
 * - Of several puts to one key at the same time one wins, whole.
 * - What is not there is a PhotoNotFound; deleting it is no error.
 * - A key names an object and nothing else: path tricks are refused before anything is touched.
 */
export interface PhotoStore {
  /** durable when it resolves; replaces what was there */
  put(key: string, content: Uint8Array | Readable): Promise<void>
  get(key: string): Promise<StoredPhoto>
  delete(key: string): Promise<void>
  /** rejects with a sentence when photos could not be stored now */
  check(): Promise<void>
}

export class PhotoNotFound extends Error {
  constructor(readonly key: string) {
    super(`There is no photo ${key}.`)
    this.name = 'PhotoNotFound'
  }
}

/** The store did not answer, in time or at all. Nothing is known about the photo; asking again later may help. */
export class PhotoStoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PhotoStoreUnavailable'
  }
}

/** What the store holds is not what was put there. It is never handed out. */
export class PhotoDamaged extends Error {
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`The photo ${key} is not what was stored: restore it from a backup, and find out who altered it.`, options)
    this.name = 'PhotoDamaged'
  }
}

export class InvalidPhotoKey extends Error {
  constructor() {
    super(
      'A photo key is 1 to 128 lower-case letters, digits, "-", "_" and single dots, and begins with a letter or digit.',
    )
    this.name = 'InvalidPhotoKey'
  }
}

/** Lower case only, since some file systems do not tell case apart. The refused key is not repeated: it is hostile. */
export function requirePhotoKey(key: string): void {
  if (key.length > 128 || !/^[a-z0-9]([a-z0-9_-]|\.(?!\.|$))*$/.test(key)) throw new InvalidPhotoKey()
}

/** A stream's bytes in one piece. Node's own consumer goes through a Blob, which costs more than decrypting what it gives. */
export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks = (await stream.toArray()) as Buffer[]
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}
