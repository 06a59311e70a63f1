import type { ValueNumbers } from '../../matching/index.js'
import { isPlainTime, type Line } from './line.js'
import { TokenTable } from './token-table.js'

/** up to the minutes: `"2026-03-05T06:07` */
const MINUTE_BYTES = 17

/** The values of one key of lines, told apart by their bytes. */
export class LineValues implements ValueNumbers {
  private readonly table = new TokenTable()

  constructor(
    private readonly line: Line,
    private readonly at: number,
    private readonly minutes: boolean,
  ) {}

  get values(): readonly unknown[] {
    return this.table.values
  }

  numberNow(): number {
    const { line, table, at } = this
    if (!line.isScanned) return table.numberOfValue(line.value(at))
    const start = line.scanner.starts[at] as number
    if (start < 0) return 0
    const end = line.scanner.ends[at] as number
    const short = this.minutes && isPlainTime(line.bytes, start, end)
    return table.numberOf(line.bytes, line.words, start, short ? start + MINUTE_BYTES : end, end)
  }

  startAfreshIfFull(): boolean {
    return this.table.startAfreshIfFull()
  }
}
