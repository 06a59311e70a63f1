import type { CorrelationRule, CorrelationType, RuleEvent } from '../sigma/rule.js'
import type { Aggregate, EntryValue, ValueKind } from '../windows/index.js'
import type { ChildGroup } from './counted-field.js'

/** One correlation type: what an event adds to a window, and what the window is worth. */
export interface Operator {
  type: CorrelationType
  /** whether a held access can be refused by it: its value only grows with what is added */
  holds: boolean
  /** what its values are */
  kind: ValueKind
  /** what `event`, a match of the rule `via`, adds; `child` is the group of `via`, if that is a correlation; empty: it is not counted */
  values(rule: CorrelationRule, via: string, event: RuleEvent, child?: ChildGroup): EntryValue[]
  /** one for all windows of the rule */
  aggregate(rule: CorrelationRule): Aggregate
}
