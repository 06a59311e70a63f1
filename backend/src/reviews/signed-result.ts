import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { ReviewResult, SignedReview } from '@custodia/contracts'
import type { KeyProvider } from '../vault/keys/key-provider.js'

/** What comes before 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The installation's own: derived, so that whoever has the key provider's secret, and nobody else, signs. */
const privateKeyOf = (keys: Pick<KeyProvider, 'hmacKey'>): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8, keys.hmacKey('access-review')]), format: 'der', type: 'pkcs8' })

export const publicKeyOf = (keys: Pick<KeyProvider, 'hmacKey'>): string =>
  createPublicKey(privateKeyOf(keys)).export({ format: 'der', type: 'spki' }).toString('base64')

/** One spelling of a value: members by name, no blanks. For what JSON.stringify writes of strings and whole numbers, RFC 8785. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).filter(([, each]) => each !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`
}

export function signedReview(result: ReviewResult, keys: Pick<KeyProvider, 'hmacKey'>): SignedReview {
  const value = sign(null, Buffer.from(canonical(result)), privateKeyOf(keys)).toString('base64')
  return { result, signature: { algorithm: 'Ed25519', public_key: publicKeyOf(keys), value } }
}

/** Whether this very result was signed with the key that belongs to `publicKey`: never with the one that the file names. */
export function isSignedBy({ result, signature }: SignedReview, publicKey: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    return verify(null, Buffer.from(canonical(result)), key, Buffer.from(signature.value, 'base64'))
  } catch {
    return false
  }
}

/** For reading aloud and comparing. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256')
    .update(Buffer.from(publicKey, 'base64'))
    .digest('hex')
    .slice(0, 32)
    .replace(/(.{4})(?!$)/g, '$1 ')
