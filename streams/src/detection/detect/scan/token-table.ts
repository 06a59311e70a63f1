import { parseExact } from '../../parse-exact.js'
import { BEYOND, headOf } from './words.js'

const MAX_TOKENS = 1 << 17
const MAX_BYTES = 1 << 24
/** of a place in the table: number, hash, offset and length of a token, which lie in one line of the processor's cache */
const WIDTH = 4

/**
 * Gives equal values a small number, so that what is known of a value is worked out once. Values are told apart by the bytes
 * that stand in the JSON; the value itself is what `parseExact` makes of them.
 */
export class TokenTable {
  /** value of each number; 0 stands for a missing key */
  readonly values: unknown[] = [undefined]
  private places = new Int32Array(1024 * WIDTH)
  private tokens = 0
  /** the tokens' bytes, one after the other */
  private bytes = new Uint8Array(8192)
  private words = new DataView(this.bytes.buffer)
  private end = 0

  /** The number of the token from `start` to `end`. Its value stands from `start` to `valueEnd`, where that is more. */
  numberOf(source: Buffer, words: DataView, start: number, end: number, valueEnd = end): number {
    const { places } = this
    const mask = places.length - 1
    const hash = hashOf(words, start, end)
    for (let at = homeOf(hash) & mask; ; at = (at + WIDTH) & mask) {
      const number = places[at] as number
      if (number === 0) return this.add(source.subarray(start, end), hash, source.toString('utf8', start, valueEnd))
      if (places[at + 1] !== hash || places[at + 3] !== end - start) continue
      if (this.isAt(places[at + 2] as number, words, start, end)) return number
    }
  }

  /** for a value whose bytes are not to be had: a number of its own */
  numberOfValue(value: unknown): number {
    return value === undefined ? 0 : this.values.push(value) - 1
  }

  /** Holds it too much? Then it forgets everything, and so must whoever remembers a number of it. */
  startAfreshIfFull(): boolean {
    if (this.values.length <= MAX_TOKENS && this.end <= MAX_BYTES) return false
    this.values.length = 1
    this.places.fill(0)
    this.tokens = 0
    this.end = 0
    return true
  }

  private isAt(offset: number, words: DataView, start: number, end: number): boolean {
    const own = this.words
    let p = start
    let q = offset
    for (; p + 4 <= end; p += 4, q += 4) if (words.getInt32(p, true) !== own.getInt32(q, true)) return false
    return p === end || headOf(words.getInt32(p, true) ^ own.getInt32(q, true), end - p) === 0
  }

  private add(token: Uint8Array, hash: number, json: string): number {
    const number = this.values.push(parseExact(json)) - 1
    const offset = this.end
    this.end += token.length
    if (this.end + BEYOND > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.end + BEYOND))
      larger.set(this.bytes)
      this.bytes = larger
      this.words = new DataView(larger.buffer)
    }
    this.bytes.set(token, offset)
    if (++this.tokens * WIDTH * 2 > this.places.length) this.grow()
    this.place(number, hash, offset, token.length)
    return number
  }

  private place(number: number, hash: number, offset: number, length: number): void {
    const { places } = this
    const mask = places.length - 1
    let at = homeOf(hash) & mask
    while (places[at] !== 0) at = (at + WIDTH) & mask
    places[at] = number
    places[at + 1] = hash
    places[at + 2] = offset
    places[at + 3] = length
  }

  private grow(): void {
    const before = this.places
    this.places = new Int32Array(before.length * 2)
    for (let at = 0; at < before.length; at += WIDTH) {
      const [number, hash, offset, length] = before.subarray(at, at + WIDTH) as unknown as [
        number,
        number,
        number,
        number,
      ]
      if (number !== 0) this.place(number, hash, offset, length)
    }
  }
}

const hashOf = (words: DataView, start: number, end: number): number => {
  let hash = end - start
  let p = start
  for (; p + 4 <= end; p += 4) hash = mixed(hash, words.getInt32(p, true))
  return p === end ? hash : mixed(hash, headOf(words.getInt32(p, true), end - p))
}

const mixed = (hash: number, word: number): number => Math.imul(((hash << 5) | (hash >>> 27)) ^ word, 0x9e3779b1)

/** the place where a token is looked for first */
const homeOf = (hash: number): number => (hash ^ (hash >>> 15)) & ~(WIDTH - 1)
