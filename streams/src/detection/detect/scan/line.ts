import { parseExact } from '../../parse-exact.js'
import { fieldReader, type RuleEvent } from '../../sigma/fields.js'
import { readEventTime } from '../event-time.js'
import { LineScanner } from './line-scanner.js'
import { type Words, wordsOf } from './words.js'

/** What one line says about some keys: found in its bytes, or by `JSON.parse` where the bytes are too odd. */
export class Line {
  /** the chunk that its lines stand in */
  private chunk: Words = wordsOf(Buffer.alloc(0))
  readonly scanner: LineScanner
  private start = 0
  private end = 0
  /** the whole event, once somebody has asked for it */
  private parsed: RuleEvent | undefined
  private row: RuleEvent | undefined
  /** whether the scanner has read this line */
  isScanned = false

  constructor(private readonly keys: readonly string[]) {
    this.scanner = new LineScanner(keys)
  }

  get bytes(): Buffer {
    return this.chunk.bytes
  }

  get words(): DataView {
    return this.chunk.words
  }

  /** Turns to the lines of another chunk; the last byte of it is a newline. */
  turnTo(chunk: Buffer): void {
    this.chunk = wordsOf(chunk)
  }

  /** Reads the line that starts here and gives the place of its newline. Throws what `JSON.parse` says of it. */
  read(start: number): number {
    const { bytes, words } = this.chunk
    const end = this.scanner.scan(bytes, words, start)
    this.start = start
    this.end = end < 0 ? bytes.indexOf(10, start) : end
    this.isScanned = end >= 0
    this.parsed = undefined
    this.row = undefined
    if (end < 0) this.whole()
    return this.end
  }

  /** the value of a key; undefined: it is not there */
  value(key: number): unknown {
    if (!this.isScanned) return own(this.whole(), this.keys[key] as string)
    const start = this.scanner.starts[key] as number
    return start < 0 ? undefined : parseExact(this.bytes.toString('utf8', start, this.scanner.ends[key]))
  }

  /** an event with these keys alone, which is all that the rules look at */
  narrow(): RuleEvent {
    if (!this.isScanned) return this.whole()
    if (this.row) return this.row
    const found = this.keys.map((key, index): [string, unknown] => [key, this.value(index)])
    return (this.row = Object.fromEntries(found.filter(([, value]) => value !== undefined)))
  }

  whole(): RuleEvent {
    if (this.parsed) return this.parsed
    const event: unknown = parseExact(this.bytes.toString('utf8', this.start, this.end))
    if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new NotAnEvent()
    return (this.parsed = event as RuleEvent)
  }
}

/** JSON, but no object. */
export class NotAnEvent extends Error {}

const own = (event: RuleEvent, key: string): unknown => (Object.hasOwn(event, key) ? event[key] : undefined)

/** Two digits at a place, or NaN. */
const two = (bytes: Buffer, at: number): number => {
  const tens = (bytes[at] as number) - 48
  const ones = (bytes[at + 1] as number) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

/**
 * Whether `"2026-03-05T06:07:08Z"` may stand here, with or without a fraction, which is the commonest way to write a time. What
 * its minute is, and whether it is one, is said by the first 17 bytes.
 */
export const isPlainTime = (bytes: Buffer, start: number, end: number): boolean => {
  if (end - start < 22 || bytes[start] !== 34 || bytes[start + 5] !== 45 || bytes[start + 8] !== 45) return false
  if (bytes[start + 11] !== 84 || bytes[start + 14] !== 58 || bytes[start + 17] !== 58) return false
  if (bytes[end - 2] !== 90 || bytes[end - 1] !== 34 || Number.isNaN(two(bytes, start + 18))) return false
  if (end - start === 22) return true
  if (end - start === 23 || bytes[start + 20] !== 46) return false
  for (let p = start + 21; p < end - 2; p++) if ((bytes[p] as number) < 48 || (bytes[p] as number) > 57) return false
  return true
}

/** Reads the time of one event after another; most share their date with the one before. */
export class TimeReader {
  private readonly key: number
  private readonly read: ReturnType<typeof fieldReader>
  private readonly isTopLevel: boolean
  private date = NaN
  private midnight = NaN

  constructor(field: string, keys: readonly string[]) {
    this.key = keys.indexOf(field)
    this.isTopLevel = !field.includes('.')
    this.read = fieldReader(field)
  }

  /** milliseconds; undefined: the line has no time */
  timeOf(line: Line): number | undefined {
    if (line.isScanned && this.isTopLevel) {
      const start = line.scanner.starts[this.key] as number
      if (start < 0) return undefined
      const plain = this.plainTime(line.bytes, start, line.scanner.ends[this.key] as number)
      return plain ?? readEventTime(line.value(this.key))
    }
    return readEventTime(this.read(line.narrow()))
  }

  /** `…T06:07:08.250Z` and `…T06:07:08Z`; undefined for anything else, and for what may not be a time at all */
  private plainTime(bytes: Buffer, start: number, end: number): number | undefined {
    const length = end - start
    if ((length !== 26 && length !== 22) || !isPlainTime(bytes, start, end)) return undefined
    const date =
      two(bytes, start + 1) * 1e6 + two(bytes, start + 3) * 1e4 + two(bytes, start + 6) * 100 + two(bytes, start + 9)
    if (date !== this.date) {
      const text = bytes.toString('latin1', start + 1, start + 11)
      this.midnight = Number.isNaN(date) ? NaN : (readEventTime(text) ?? NaN)
      this.date = date
    }
    const hour = two(bytes, start + 12)
    const minute = two(bytes, start + 15)
    const second = two(bytes, start + 18)
    const fraction = length === 26 ? two(bytes, start + 21) * 10 + ((bytes[start + 23] as number) - 48) : 0
    const time = this.midnight + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction
    return hour < 24 && minute < 60 && second < 60 && !Number.isNaN(time) ? time : undefined
  }
}
