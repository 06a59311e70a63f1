import { type Column, keysOf, keysRead, Matching, SetNumbers, SharedTests } from '../../matching/index.js'
import { fieldReader } from '../../sigma/fields.js'
import type { DetectionRule } from '../../sigma/index.js'
import type { Judge } from '../judge.js'
import type { EventShape } from '../options.js'
import type { Batch } from './batch.js'
import { Line, NotAnEvent, TimeReader } from './line.js'
import { LineValues } from './line-values.js'

/** Reads chunks of lines and keeps of them what the judge must know. */
export class ChunkReader {
  private readonly line: Line
  private readonly tests: SharedTests
  private readonly matching: Matching
  private readonly judged: { column: Column; told: number }[]
  private readonly sets = new SetNumbers()
  private readonly columnsOfSet: number[][] = []
  private readonly times: TimeReader
  private readonly keys: string[]

  constructor(
    private readonly judge: Judge,
    private readonly shape: EventShape,
  ) {
    const idKeys = keysOf(shape.idField ?? 'id')
    this.keys = [...new Set([...keysRead(judge.bases), ...judge.keys, ...idKeys, ...keysOf(shape.timeField)])]
    this.line = new Line(this.keys)
    this.tests = new SharedTests({
      numbersOf: (key, minutes) => new LineValues(this.line, this.keys.indexOf(key), minutes),
      narrow: () => this.line.narrow(),
      whole: () => this.line.whole(),
    })
    this.matching = new Matching(judge.bases, this.tests)
    this.judged = judge.keys.map((key) => ({ column: this.tests.column(key), told: 1 }))
    this.times = new TimeReader(shape.timeField, this.keys)
  }

  /** `isFirst`: a byte order mark may stand before it */
  read(bytes: Buffer, isFirst: boolean): Batch {
    const { line, judged } = this
    const columns = [...this.tests.all()]
    const afresh = new Set(columns.filter((column) => column.startAfreshIfFull()))
    for (const column of afresh) this.matching.forget(column)
    for (const one of judged) if (afresh.has(one.column)) one.told = 1
    const rows = new Rows(this.shape, this.keys, judged.length)
    const setsBefore = this.sets.all.length
    let problem: Batch['problem']
    let at = 0
    const found: number[] = []
    line.turnTo(bytes)
    for (let start = isFirst ? afterMark(bytes) : 0; start < bytes.length; at++) {
      const blank = endOfBlank(bytes, start)
      if (blank >= 0) {
        start = blank + 1
        continue
      }
      for (const column of columns) column.forget()
      try {
        start = line.read(start) + 1
        this.matching.find(found)
        if (!found.length) continue
        const time = this.times.timeOf(line)
        if (time === undefined && this.judge.needsTime)
          throw new Unreadable(
            `: \`${this.shape.timeField}\` is no time; name the field that has it with \`--time-field\``,
          )
        const set = this.setOf(found)
        found.length = 0
        rows.add(at, time ?? NaN, set, line)
        for (const column of this.columnsOfSet[set] as number[])
          rows.value(column, (judged[column] as (typeof judged)[number]).column.valueNumber())
      } catch (error) {
        problem = { at, says: whyNot(error) }
        at++
        break
      }
    }
    return {
      lines: at,
      ...rows.done(),
      newSets: this.sets.all.slice(setsBefore),
      newValues: judged.map((one) => {
        const values = one.column.values.slice(one.told)
        one.told += values.length
        return { afresh: afresh.has(one.column), values }
      }),
      ...(problem && { problem }),
    }
  }

  private setOf(found: number[]): number {
    const { bases } = this.judge
    const number = this.sets.numberOf(found)
    this.columnsOfSet[number] ??= this.judge
      .task((this.sets.all[number] as number[]).map((base) => bases[base] as DetectionRule))
      .columns.map(({ column }) => column)
    return number
  }
}

/** What is told of each event, while it grows. */
class Rows {
  private readonly at: number[] = []
  private readonly times: number[] = []
  private readonly sets: number[] = []
  private readonly idEnds: number[] = []
  private readonly oddIds: Batch['oddIds'] = []
  private values = new Int32Array(1024)
  private ids = new Uint8Array(1 << 15)
  private idEnd = 0
  private readonly idKey: number
  private readonly readId: ReturnType<typeof fieldReader>

  constructor(
    private readonly shape: EventShape,
    keys: readonly string[],
    private readonly width: number,
  ) {
    const field = shape.idField ?? 'id'
    this.idKey = field.includes('.') ? -1 : keys.indexOf(field)
    this.readId = fieldReader(field)
  }

  add(at: number, time: number, set: number, line: Line): void {
    if (!this.addPlainId(line)) this.oddIds.push([this.at.length, this.idOf(line)])
    this.idEnds.push(this.idEnd)
    this.at.push(at)
    this.times.push(time)
    this.sets.push(set)
    const size = this.at.length * this.width
    if (size > this.values.length) {
      const larger = new Int32Array(Math.max(this.values.length * 2, size))
      larger.set(this.values)
      this.values = larger
    }
  }

  /** of the event added last */
  value(column: number, number: number): void {
    this.values[(this.at.length - 1) * this.width + column] = number
  }

  done(): Omit<Batch, 'lines' | 'newSets' | 'newValues'> {
    return {
      at: new Int32Array(this.at),
      times: new Float64Array(this.times),
      sets: new Int32Array(this.sets),
      values: this.values.slice(0, this.at.length * this.width),
      ids: this.ids.slice(0, this.idEnd),
      idEnds: new Int32Array(this.idEnds),
      oddIds: this.oddIds,
    }
  }

  /** a text without escapes, in ASCII: copied as it stands */
  private addPlainId({ isScanned, scanner, bytes }: Line): boolean {
    const { idKey } = this
    if (!isScanned || idKey < 0) return false
    const start = (scanner.starts[idKey] as number) + 1
    const end = (scanner.ends[idKey] as number) - 1
    if (start === 0 || end <= start || bytes[start - 1] !== 34) return false
    if (this.idEnd + end - start > this.ids.length) {
      const larger = new Uint8Array(this.ids.length * 2 + end - start)
      larger.set(this.ids)
      this.ids = larger
    }
    let to = this.idEnd
    for (let p = start; p < end; p++) {
      const byte = bytes[p] as number
      if (byte === 92 || byte > 127) return false
      this.ids[to++] = byte
    }
    this.idEnd = to
    return true
  }

  private idOf(line: Line): string | null {
    const id = this.readId(line.narrow())
    if (typeof id === 'string' || typeof id === 'number') return String(id)
    const { idField } = this.shape
    if (idField === undefined && (id === undefined || id === null)) return null
    throw new Unreadable(`: \`${idField ?? 'id'}\` is no id; name the field that has it with \`--id-field\``)
  }
}

/** Why a line cannot be used, as it follows the line's number. */
class Unreadable extends Error {}

const whyNot = (error: unknown): string => {
  if (error instanceof Unreadable) return error.message
  if (error instanceof NotAnEvent) return ' is not an event: one JSON object a line is expected'
  if (error instanceof SyntaxError) return ` is not JSON: ${error.message}`
  throw error
}

const afterMark = (bytes: Buffer): number => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)

/** The place of the newline when nothing but blanks stands before it, else -1. */
const endOfBlank = (bytes: Buffer, start: number): number => {
  let p = start
  while (bytes[p] === 32 || bytes[p] === 9 || bytes[p] === 13) p++
  return bytes[p] === 10 ? p : -1
}
