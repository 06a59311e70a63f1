import type { Response, Severity } from '@custodia/contracts'
import type { Expression } from './expression.js'
import type { RuleEvent } from './fields.js'
import type { RuleLines } from './head.js'

export type { RuleEvent } from './fields.js'
export type { RuleLines } from './head.js'

/** Our own keys of a rule file, below `custodia:`; docs/rules.md has an example of each. */
export interface CustodiaKeys {
  /** what an alert of this rule asks for; `alert` is always in it */
  respond: Response[]
  /** judge held accesses before they are answered; needs `gt` and the actor in `group-by` */
  hold: boolean
  mode: 'off' | 'shadow' | 'live'
  /** after an alert of a group, none until this many seconds have passed; default: the timespan, 0 for rules without one */
  suppressSeconds: number
  /** the alert's sentence with {actor} {value} {limit} {window} {group.<field>} placeholders */
  text?: { en: string; zh: string }
}

interface RuleHead {
  file: string
  /** where in the file it says what may be refused once it is known what it counts */
  lines: RuleLines
  /** Sigma `name`, else `id`, else the file's name; what correlations, alerts and people call it */
  name: string
  id?: string
  title: string
  /** hash of the documents that this rule is made of, its base rules included; 12 hex characters */
  version: string
  level: Severity
  logsource: { category?: string; product?: string; service?: string }
  custodia: CustodiaKeys
}

/** One event is enough. `alerts` is false for a base rule that only serves correlations. */
export interface DetectionRule extends RuleHead {
  kind: 'detection'
  /** what it looks for, its filters included */
  expression: Expression
  matches(event: RuleEvent): boolean
  alerts: boolean
}

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'temporal'
  | 'temporal_ordered'
export type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq'

export interface CorrelationRule extends RuleHead {
  kind: 'correlation'
  type: CorrelationType
  /** names of the rules it counts, in the order given; detection or correlation rules of the same rule book */
  rules: string[]
  groupBy: string[]
  timespanSeconds: number
  condition: { op: Comparison; value: number }[]
  /** value_*: the field counted; several = tuple */
  field: string[]
  percentile?: number
  /** alias → rule name → field */
  aliases: Record<string, Record<string, string>>
  /** what it looks at of all that it counts, its exceptions left out */
  outside?: Expression
  alerts: boolean
}

export type Rule = DetectionRule | CorrelationRule
