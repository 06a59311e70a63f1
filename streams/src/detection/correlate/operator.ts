import type { CorrelationRule, CorrelationType, RuleEvent } from '../sigma/rule.js'
import type { Aggregate, EntryValue } from '../windows/index.js'

/** One correlation type: what an event adds to a window, and what the window is worth. */
export interface Operator {
  type: CorrelationType
  /** whether a held access can be refused by it: its value only grows with what is added */
  holds: boolean
  /** what `event`, a match of the rule `via`, adds; empty: it is not counted */
  values(rule: CorrelationRule, via: string, event: RuleEvent): EntryValue[]
  aggregate(rule: CorrelationRule): Aggregate
}
