import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/**
 * How every token for programs looks: a name that secret scanners can look for, 256 random bits, and a checksum that tells
 * a token from what merely looks like one (as GitHub's do). Letters and digits alone: a double click takes all of it.
 */
export const tokenPrefix = 'custodia_'
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const shape = /^custodia_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/

export function makeToken(): string {
  const secret = tokenPrefix + inBase62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43)
  return secret + checksumOf(secret)
}

/** Whether this can be a token at all: what is mistyped or made up is known without asking a database. */
export const isToken = (given: string): boolean =>
  shape.test(given) && checksumOf(given.slice(0, -6)) === given.slice(-6)

export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/** What stands in an `Authorization` header behind `Bearer`. */
export const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer +([\w-]{40,100})$/i.exec(header ?? '')?.[1]

const checksumOf = (secret: string): string => inBase62(BigInt(crc32(secret)), 6)

function inBase62(value: bigint, width: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n) text = digits.charAt(Number(rest % 62n)) + text
  return text.padStart(width, '0')
}
