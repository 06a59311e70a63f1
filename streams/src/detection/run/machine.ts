import type { LogRecord } from '../../event-log/index.js'
import type { Output } from './output.js'
import type { SetInForce } from './rule-book.js'

/** What a rule's windows hold, over all partitions of this process. */
export interface RuleMemory {
  rule: string
  /** keys: the values of its group-by */
  groups: number
  entries: number
  bytes: number
  /** entries that its full windows forgot, since this process has judged it */
  forgotten: number
}

/**
 * One partition of a stage as a state machine: what it writes and what it becomes depend on the records and the rule sets
 * alone. Running it again over the same records gives the same output.
 */
export interface Machine {
  step(record: LogRecord, set: SetInForce | undefined, output: Output): void
  /** everything it remembers, as JSON */
  snapshot(): string
  restore(state: string, setOf: (version: string) => SetInForce | undefined): void
  /** what it remembers, by rule */
  memory(): RuleMemory[]
  /** the key of a record that waits for a tick */
  waiting?(): string | undefined
}
