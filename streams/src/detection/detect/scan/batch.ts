import type { DetectionRule } from '../../sigma/index.js'
import type { Judge, Sighting, Task } from '../judge.js'
import { DetectError } from '../detect-error.js'

/** What the judge must know of the lines of a chunk: those that some rule matches, in numbers. Made to go between threads. */
export interface Batch {
  /** how many lines the chunk has */
  lines: number
  /** of each event: its line, from 0, its time, the set of rules that it matches, and its values, a number a column */
  at: Int32Array
  times: Float64Array
  sets: Int32Array
  values: Int32Array
  /** plain ids one after the other, and where each ends; others, and null for the line's number, apart */
  ids: Uint8Array
  idEnds: Int32Array
  oddIds: [event: number, id: string | null][]
  /** sets of rules and values of columns that have not been told before */
  newSets: number[][]
  newValues: { afresh: boolean; values: unknown[] }[]
  /** why the line after the last one cannot be read */
  problem?: { at: number; says: string }
}

/** Makes events for the judge out of what one reader sends. */
export class BatchDecoder {
  private readonly tasks: { task: Task; columns: number[] }[] = []
  private readonly values: unknown[][]

  constructor(
    private readonly judge: Judge,
    private readonly keys: readonly string[],
  ) {
    this.values = keys.map(() => [undefined])
  }

  /** Calls `next` for each event; `line` is the number of the chunk's first line. */
  decode(batch: Batch, line: number, next: (sighting: Sighting) => void): void {
    this.learn(batch)
    const { keys, values, tasks } = this
    const ids = Buffer.from(batch.ids.buffer, batch.ids.byteOffset, batch.ids.length)
    const odd = new Map(batch.oddIds)
    const width = keys.length
    let idStart = 0
    for (let i = 0; i < batch.at.length; i++) {
      const { task, columns } = tasks[batch.sets[i] as number] as (typeof tasks)[number]
      const event: Record<string, unknown> = {}
      for (const column of columns) {
        const value = (values[column] as unknown[])[batch.values[i * width + column] as number]
        if (value !== undefined) event[keys[column] as string] = value
      }
      const idEnd = batch.idEnds[i] as number
      const at = line + (batch.at[i] as number)
      const id = idEnd > idStart ? ids.toString('latin1', idStart, idEnd) : (odd.get(i) ?? String(at))
      idStart = idEnd
      next({ id, time: batch.times[i] as number, event, line: at, task })
    }
    const { problem } = batch
    if (problem) throw new DetectError(`line ${line + problem.at}${problem.says}`)
  }

  private learn({ newSets, newValues }: Batch): void {
    for (const set of newSets) {
      const task = this.judge.task(set.map((base) => this.judge.bases[base] as DetectionRule))
      this.tasks.push({ task, columns: columnsOf(task, this.keys) })
    }
    newValues.forEach(({ afresh, values }, column) => {
      if (afresh) this.values[column] = [undefined]
      for (const value of values) this.values[column]?.push(value)
    })
  }
}

/** The columns that a task needs: those of its fields, and of what its fields may be read from. */
export const columnsOf = ({ fields }: Task, keys: readonly string[]): number[] =>
  keys.flatMap((key, column) => (fields.some((field) => field === key || field.startsWith(`${key}.`)) ? [column] : []))
