import { holds } from '../sigma/comparison.js'
import type { CorrelationRule } from '../sigma/rule.js'

/** Whether a window's value fires the rule. Temporal rules without a condition want all of their rules. */
export const fires = ({ condition, rules }: CorrelationRule, value: number): boolean => {
  for (const { op, value: than } of condition) if (!holds[op](value, than)) return false
  return condition.length > 0 || value >= rules.length
}

/** The N of "at most N": what may still pass. */
export const limitOf = (rule: CorrelationRule): number | undefined =>
  rule.condition.find(({ op }) => op === 'gt')?.value
