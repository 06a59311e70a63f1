import type { Comparison, CorrelationRule } from '../sigma/rule.js'

const compare: Record<Comparison, (value: number, than: number) => boolean> = {
  gt: (value, than) => value > than,
  gte: (value, than) => value >= than,
  lt: (value, than) => value < than,
  lte: (value, than) => value <= than,
  eq: (value, than) => value === than,
  neq: (value, than) => value !== than,
}

/** Whether a window's value fires the rule. Temporal rules without a condition want all of their rules. */
export const fires = ({ condition, rules }: CorrelationRule, value: number): boolean => {
  for (const { op, value: than } of condition) if (!compare[op](value, than)) return false
  return condition.length > 0 || value >= rules.length
}

/** The N of "at most N": what may still pass. */
export const limitOf = (rule: CorrelationRule): number | undefined =>
  rule.condition.find(({ op }) => op === 'gt')?.value
