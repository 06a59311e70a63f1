import type { Matcher } from '../../sigma/expression.js'
import { isPlainTime, type Line } from './line.js'
import { TokenTable } from './token-table.js'

/** up to the minutes: `"2026-03-05T06:07` */
const MINUTE_BYTES = 17
const UNKNOWN = 0
const NO = 1
const YES = 2

/** One test of a value; what it says of each value is remembered. */
interface Memo {
  matches: Matcher
  says: Uint8Array
}

/**
 * The values of one key, each with what the rules say of it. `minutes`: times that share their minute count as one value, for
 * tests that ask for a part of the time.
 */
export class Column {
  readonly table = new TokenTable()
  private readonly memos: Memo[] = []
  private number = -1

  constructor(
    readonly key: string,
    private readonly at: number,
    private readonly minutes: boolean,
    private readonly line: Line,
  ) {}

  /** Before each line. */
  forget(): void {
    this.number = -1
  }

  /** the number of the value that the line has, 0 when it has none */
  valueNumber(): number {
    return this.number < 0 ? (this.number = this.look()) : this.number
  }

  /** a test of this column, as a question about the line at hand */
  test(matches: Matcher): (number?: number) => boolean {
    const memo: Memo = { matches, says: new Uint8Array(1024) }
    this.memos.push(memo)
    return (number = this.valueNumber()) => {
      const said = memo.says[number]
      return said === YES || (said !== NO && this.ask(memo, number))
    }
  }

  /** True when numbers given before mean nothing any more. */
  startAfreshIfFull(): boolean {
    if (!this.table.startAfreshIfFull()) return false
    for (const { says } of this.memos) says.fill(UNKNOWN)
    return true
  }

  private look(): number {
    const { line, table, at } = this
    if (!line.isScanned) return table.numberOfValue(line.value(at))
    const start = line.scanner.starts[at] as number
    if (start < 0) return 0
    const end = line.scanner.ends[at] as number
    const short = this.minutes && isPlainTime(line.bytes, start, end)
    return table.numberOf(line.bytes, start, short ? start + MINUTE_BYTES : end, end)
  }

  private ask(memo: Memo, number: number): boolean {
    const value = this.table.values[number]
    const holds = memo.matches(value === undefined ? {} : { [this.key]: value })
    if (number >= memo.says.length) {
      const larger = new Uint8Array(Math.max(number + 1, memo.says.length * 2))
      larger.set(memo.says)
      memo.says = larger
    }
    memo.says[number] = holds ? YES : NO
    return holds
  }
}
