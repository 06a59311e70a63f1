import type { DetectionRule, RuleEvent } from '../../sigma/index.js'
import { isScalar } from '../../sigma/fields.js'
import type { Texts } from '../../windows/index.js'
import type { Judge } from '../judge.js'
import type { Translated } from '../sightings.js'
import type { Task } from '../task.js'
import type { Batch } from './batch.js'

/** not one value: a list, or an object */
const ODD = -1

/** What a reader's numbers of one column mean here. */
interface Meanings {
  numbers: Int32Array
  count: number
  odd: Map<number, unknown>
}

/** Takes what one reader sends out of the numbers that only it knows into those of the judge's texts. */
export class ReaderNumbers {
  private readonly tasks: Task[] = []
  private readonly columns: Meanings[]

  constructor(
    private readonly judge: Judge,
    private readonly texts: Texts,
  ) {
    this.columns = judge.keys.map(() => ({ numbers: new Int32Array(64), count: 1, odd: new Map() }))
  }

  translate(batch: Batch): Translated {
    const { values: cells, newSets, newValues } = batch
    for (const set of newSets)
      this.tasks.push(this.judge.task(set.map((base) => this.judge.bases[base] as DetectionRule)))
    const release = newValues.flatMap(({ afresh, values }, column) => this.learn(column, afresh, values))
    const width = this.columns.length
    const oddCells: [at: number, value: unknown][] = []
    this.columns.forEach(({ numbers, odd }, column) => {
      for (let at = column; at < cells.length; at += width) {
        const told = cells[at] as number
        if (told === 0) continue
        const number = numbers[told] as number
        cells[at] = number
        if (number === ODD) oddCells.push([at, odd.get(told)])
      }
    })
    return { tasks: this.tasks, cells, odd: this.oddEvents(cells, oddCells), release }
  }

  private learn(column: number, afresh: boolean, values: readonly unknown[]): number[] {
    const meanings = this.columns[column] as Meanings
    const dotted = this.judge.keys[column]?.includes('.') // `a.b: null` says that there is no `b` in `a` to look for
    const released = afresh ? [...meanings.numbers.subarray(0, meanings.count)].filter((number) => number > 0) : []
    if (afresh) {
      meanings.count = 1
      meanings.odd.clear()
    }
    if (meanings.count + values.length > meanings.numbers.length) {
      const larger = new Int32Array(Math.max(meanings.numbers.length * 2, meanings.count + values.length))
      larger.set(meanings.numbers)
      meanings.numbers = larger
    }
    for (const value of values) {
      const at = meanings.count++
      if (isScalar(value)) {
        const number = this.texts.numberOf(String(value))
        this.texts.keep(number)
        meanings.numbers[at] = number
      } else if (value === null && !dotted) meanings.numbers[at] = 0
      else {
        meanings.numbers[at] = ODD
        meanings.odd.set(at, value)
      }
    }
    return released
  }

  /** the events that have such a value, as far as counting looks at them */
  private oddEvents(cells: Int32Array, found: [at: number, value: unknown][]): Map<number, RuleEvent> {
    const events = new Map<number, Record<string, unknown>>()
    const { keys } = this.judge
    const width = keys.length
    for (const [at, value] of found) {
      const row = Math.floor(at / width)
      const known = events.get(row)
      const event = known ?? {}
      if (!known) {
        events.set(row, event)
        keys.forEach((key, column) => {
          const number = cells[row * width + column] as number
          if (number > 0) event[key] = this.texts.textOf(number)
        })
      }
      event[keys[at % width] as string] = value
    }
    return events
  }
}
