import { randomBytes } from 'node:crypto'
import { decrypt, encrypt } from './aes-gcm.js'
import { KeyError, type KeyProvider } from './key-provider.js'

/**
 * Two formats, told apart by their first byte:
 *   1  field:     nonce 12 | ciphertext | tag 16                        the record's data key is stored beside it
 *   2  envelope:  length of wrapped key, 2 | wrapped key | nonce 12 | ciphertext | tag 16        one object, all in one
 * The context is bound to the ciphertext (AAD), so that nothing decrypts in another row, field or object.
 */
const fieldFormat = 1
const envelopeFormat = 2

/** Where something is stored, unambiguously: `contextOf('customer', id, 'phone')`. */
export const contextOf = (...place: [string, ...string[]]): string => JSON.stringify(place)

/** A data key for one record: `key` for use now, `wrapped` to be stored. */
export async function newDataKey(keys: KeyProvider, context: string): Promise<{ key: Buffer; wrapped: Buffer }> {
  const key = randomBytes(32)
  return { key, wrapped: await keys.wrap(key, context) }
}

export function sealField(key: Buffer, plaintext: string, context: string): Buffer {
  return Buffer.concat([Buffer.of(fieldFormat), encrypt(key, Buffer.from(plaintext), aadOf(fieldFormat, context))])
}

export function openField(key: Buffer, sealed: Buffer, context: string): string {
  if (sealed[0] !== fieldFormat) throw unknownFormat()
  return decrypt(key, sealed.subarray(1), aadOf(fieldFormat, context)).toString()
}

/** Seals one object, e.g. a photo, under a data key of its own. */
export async function seal(keys: KeyProvider, plaintext: Uint8Array, context: string): Promise<Buffer> {
  const { key, wrapped } = await newDataKey(keys, context)
  return joined(wrapped, encrypt(key, plaintext, aadOf(envelopeFormat, context)))
}

export async function open(keys: KeyProvider, sealed: Buffer, context: string): Promise<Buffer> {
  const { wrapped, rest } = split(sealed)
  return decrypt(await keys.unwrap(wrapped, context), rest, aadOf(envelopeFormat, context))
}

/** The same object with its data key wrapped by the current key; undefined where that is so already. The content stays sealed. */
export async function rewrap(keys: KeyProvider, sealed: Buffer, context: string): Promise<Buffer | undefined> {
  const { wrapped, rest } = split(sealed)
  const again = await rewrapKey(keys, wrapped, context)
  return again && joined(again, rest)
}

/** The same for a data key that is stored by itself. */
export async function rewrapKey(keys: KeyProvider, wrapped: Buffer, context: string): Promise<Buffer | undefined> {
  if (keys.keyIdOf(wrapped) === keys.currentKeyId) return undefined
  return keys.wrap(await keys.unwrap(wrapped, context), context)
}

function split(sealed: Buffer): { wrapped: Buffer; rest: Buffer } {
  if (sealed[0] !== envelopeFormat || sealed.length < 3) throw unknownFormat()
  const body = 3 + sealed.readUInt16BE(1)
  return { wrapped: sealed.subarray(3, body), rest: sealed.subarray(body) }
}

function joined(wrapped: Buffer, rest: Buffer): Buffer {
  const head = Buffer.alloc(3)
  head.writeUInt8(envelopeFormat)
  head.writeUInt16BE(wrapped.length, 1)
  return Buffer.concat([head, wrapped, rest])
}

const aadOf = (format: number, context: string) => Buffer.concat([Buffer.of(format), Buffer.from(context)])
const unknownFormat = () => new KeyError('What should be decrypted has an unknown format.')
