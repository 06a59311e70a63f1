import { endOfText, endOfValue, skipBlank } from './json.js'

const QUOTE = 34
const BACKSLASH = 92
const COLON = 58
/** Keys that are remembered as they are written; others are read each time. */
const MAX_WRITTEN = 4096

/**
 * A key as it is written, quotes and colon included, by its words; the last one may overlap the one before. Most programs write
 * their keys in the same order every time, so each tells which one came next.
 */
interface WrittenKey {
  length: number
  words: Int32Array
  last: number
  column: number
  next?: WrittenKey
}

/**
 * Finds the values of some keys in a line that is one flat or nested JSON object, without making objects of it. Where a key
 * stands twice the last one counts, as in `JSON.parse`.
 */
export class LineScanner {
  /** where the value of each key begins and ends; begin is -1 when the key is not there */
  readonly starts: Int32Array
  readonly ends: Int32Array
  private readonly columns: ReadonlyMap<string, number>
  private readonly written = new Map<string, WrittenKey>()
  /** stands before the first key */
  private readonly before: WrittenKey = { length: 0, words: new Int32Array(), last: 0, column: -1 }

  constructor(keys: readonly string[]) {
    this.columns = new Map(keys.map((key, index) => [key, index]))
    this.starts = new Int32Array(keys.length)
    this.ends = new Int32Array(keys.length)
  }

  /**
   * Gives the place of the newline that ends the line; no JSON value goes past it. -1: not a JSON object that can be read this
   * way, which may still be one: ask `JSON.parse`.
   */
  scan(bytes: Uint8Array, words: DataView, start: number): number {
    const { starts, ends } = this
    starts.fill(-1)
    let p = skipBlank(bytes, start)
    if (bytes[p] !== 123) return -1
    p = skipBlank(bytes, p + 1)
    if (bytes[p] === 125) return endOfLine(bytes, p + 1)
    for (let key = this.before; ;) {
      const { next } = key
      if (next !== undefined && isKey(next, words, p)) key = next
      else {
        const found = this.readKey(bytes, words, p, key)
        if (found === undefined) return -1
        key = found
      }
      p = skipBlank(bytes, p + key.length)
      const end = bytes[p] === QUOTE ? endOfText(bytes, words, p) : endOfValue(bytes, words, p)
      if (end < 0) return -1
      const { column } = key
      if (column >= 0) {
        starts[column] = p
        ends[column] = end
      }
      p = skipBlank(bytes, end)
      if (bytes[p] === 125) return endOfLine(bytes, p + 1)
      if (bytes[p] !== 44) return -1
      p = skipBlank(bytes, p + 1)
    }
  }

  /** the key that stands here, with its colon; it is expected behind `before` from now on */
  private readKey(bytes: Uint8Array, words: DataView, at: number, before: WrittenKey): WrittenKey | undefined {
    if (bytes[at] !== QUOTE) return undefined
    const end = endOfText(bytes, words, at)
    if (end < 0) return undefined
    const name = Buffer.from(bytes.subarray(at + 1, end - 1))
    if (name.includes(BACKSLASH)) return undefined // an escaped key may be any key
    const colon = skipBlank(bytes, end)
    if (bytes[colon] !== COLON) return undefined
    const length = colon + 1 - at
    const text = Buffer.from(bytes.subarray(at, at + length)).toString('latin1')
    const known = this.written.get(text)
    if (known) return (before.next = known)
    const key = {
      length,
      words: Int32Array.from({ length: length >> 2 }, (_, i) => words.getInt32(at + i * 4, true)),
      last: words.getInt32(at + length - 4, true),
      column: this.columns.get(name.toString()) ?? -1,
    }
    if (this.written.size < MAX_WRITTEN) {
      this.written.set(text, key)
      before.next = key
    }
    return key
  }
}

const endOfLine = (bytes: Uint8Array, at: number): number => {
  const p = skipBlank(bytes, at)
  return bytes[p] === 10 ? p : -1
}

const isKey = ({ length, words: expected, last }: WrittenKey, words: DataView, at: number): boolean => {
  for (let i = 0; i < expected.length; i++) if (words.getInt32(at + i * 4, true) !== expected[i]) return false
  return words.getInt32(at + length - 4, true) === last
}
