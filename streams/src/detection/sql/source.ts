import type { Leaf } from './leaf.js'

/** One field of an event as SQL has it. Conditions are true or false, never NULL. */
export interface Field {
  /** always a list of values */
  list?: boolean
  /** it is there, null and empty included */
  present: string
  /** missing, or null */
  nothing: string
  /** whether a leaf passes, called `as` where it needs a name; where the field is missing, what an empty text would give */
  any(test: (leaf: Leaf) => string, as?: string): string
  /** its leaves as JavaScript writes them, an Array(String) */
  texts(): string
  /** its leaves that are numbers or spell one, an Array(Float64) */
  numbers(): string
}

/** Where the events of a statement come from, and how a field of theirs is read. */
export interface Source {
  /** undefined: no event has such a field */
  field(name: string): Field | undefined
  /** what keywords are looked for in: whether a leaf passes, at any depth */
  anywhere(test: (leaf: Leaf) => string): string
  /** columns that the fields asked for so far need, as `expression AS name` */
  columns(): string[]
  /** what they call */
  lambdas: readonly string[]
}
