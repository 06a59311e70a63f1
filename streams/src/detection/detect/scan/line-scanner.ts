import { endOfText, endOfValue, skipBlank } from './json.js'

const QUOTE = 34

/** A key that stood at this place in the line before: most programs write their keys in the same order every time. */
interface Expected {
  bytes: Uint8Array
  column: number
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
  private readonly expected: Expected[] = []

  constructor(keys: readonly string[]) {
    this.columns = new Map(keys.map((key, index) => [key, index]))
    this.starts = new Int32Array(keys.length)
    this.ends = new Int32Array(keys.length)
  }

  /**
   * Gives the place of the newline that ends the line; no JSON value goes past it. -1: not a JSON object that can be read this
   * way, which may still be one: ask `JSON.parse`.
   */
  scan(bytes: Uint8Array, start: number): number {
    const { starts, ends } = this
    starts.fill(-1)
    let p = skipBlank(bytes, start)
    if (bytes[p] !== 123) return -1
    p = skipBlank(bytes, p + 1)
    if (bytes[p] === 125) return endOfLine(bytes, p + 1)
    for (let member = 0; ; member++) {
      if (bytes[p] !== QUOTE) return -1
      const expected = this.expected[member]
      let column: number
      if (expected !== undefined && isKey(expected.bytes, bytes, p)) {
        column = expected.column
        p += expected.bytes.length + 2
      } else {
        const end = endOfText(bytes, p)
        if (end < 0) return -1
        const key = bytes.subarray(p + 1, end - 1)
        if (key.includes(92)) return -1 // an escaped key may be any key
        column = this.columns.get(Buffer.from(key).toString()) ?? -1
        if (member <= this.expected.length && member < 256) this.expected[member] = { bytes: key.slice(), column }
        p = end
      }
      p = skipBlank(bytes, p)
      if (bytes[p] !== 58) return -1
      p = skipBlank(bytes, p + 1)
      const end = bytes[p] === QUOTE ? endOfText(bytes, p) : endOfValue(bytes, p)
      if (end < 0) return -1
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
}

const endOfLine = (bytes: Uint8Array, at: number): number => {
  const p = skipBlank(bytes, at)
  return bytes[p] === 10 ? p : -1
}

const isKey = (key: Uint8Array, bytes: Uint8Array, quote: number): boolean => {
  const { length } = key
  for (let i = 0; i < length; i++) if (bytes[quote + 1 + i] !== key[i]) return false
  return bytes[quote + 1 + length] === QUOTE
}
