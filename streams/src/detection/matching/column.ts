import type { Matcher } from '../sigma/expression.js'
import type { ValueNumbers } from './value-numbers.js'

const UNKNOWN = 0
const NO = 1
const YES = 2

/** One test of a value; what it says of each value is remembered. */
interface Memo {
  matches: Matcher
  says: Uint8Array
}

/** The values of one key, each with what the rules say of it. */
export class Column {
  private readonly memos: Memo[] = []
  private number = -1

  constructor(
    readonly key: string,
    private readonly numbers: ValueNumbers,
  ) {}

  get values(): readonly unknown[] {
    return this.numbers.values
  }

  /** Before each event. */
  forget(): void {
    this.number = -1
  }

  /** the number of the value that the event has, 0 when it has none */
  valueNumber(): number {
    return this.number < 0 ? (this.number = this.numbers.numberNow()) : this.number
  }

  /** a test of this column, as a question about the event at hand */
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
    if (!this.numbers.startAfreshIfFull()) return false
    for (const { says } of this.memos) says.fill(UNKNOWN)
    return true
  }

  private ask(memo: Memo, number: number): boolean {
    const value = this.numbers.values[number]
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
