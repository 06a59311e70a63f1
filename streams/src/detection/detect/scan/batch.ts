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
