import { type Response, Severity } from '@custodia/contracts'
import type { CorrelationRule, Rule } from '../sigma/index.js'

/** The rules of a set, by name. */
export type Named = ReadonlyMap<string, Rule>

/**
 * Whether a rule in force might see less than before, say it later, or to fewer. What a text does is not guessed: whatever judges otherwise counts
 * as less, but for a limit that is met sooner. So nobody blinds a rule by a filter, a base rule or a list instead of an exception.
 */
export const mightSeeLess = (before: Rule | undefined, was: Named, after: Rule | undefined, is: Named): boolean => {
  if (before?.custodia.mode !== 'live') return false
  if (after?.custodia.mode !== 'live') return true
  return (
    judging(before, was) !== judging(after, is) ||
    limitsOf(before).some((limit, index) => !isMetAsSoon(limit, limitsOf(after)[index])) ||
    limitsOf(before).length !== limitsOf(after).length ||
    after.custodia.suppressSeconds > before.custodia.suppressSeconds ||
    rank(after) < rank(before) ||
    before.custodia.respond.some((response) => !after.custodia.respond.some((other) => isAsMuch(response, other)))
  )
}

type Limit = CorrelationRule['condition'][number]

const limitsOf = (rule: Rule): readonly Limit[] => (rule.kind === 'correlation' ? rule.condition : [])

const isMetAsSoon = (before: Limit, after: Limit | undefined): boolean => {
  if (after?.op !== before.op) return false
  if (before.op === 'gt' || before.op === 'gte') return after.value <= before.value
  if (before.op === 'lt' || before.op === 'lte') return after.value >= before.value
  return after.value === before.value
}

const rank = ({ level }: Rule): number => Severity.options.indexOf(level)

const isAsMuch = (before: Response, after: Response): boolean =>
  after.do === before.do && (after.for_seconds ?? Infinity) >= (before.for_seconds ?? Infinity)

/** What a rule looks at and counts, all that it counts among it; its own limit is compared by itself. */
const judging = (rule: Rule, all: Named): string =>
  JSON.stringify(judged(rule, all), (_key, value: unknown) =>
    typeof value === 'symbol' ? { wildcard: value.description } : value,
  )

const judged = (rule: Rule, all: Named): unknown => {
  if (rule.kind === 'detection') return rule.expression
  const { type, groupBy, timespanSeconds, field, percentile, aliases, outside, rules } = rule
  const counted = rules.map((name) => {
    const base = all.get(name)
    return base && [judged(base, all), limitsOf(base)]
  })
  return { type, groupBy, timespanSeconds, field, percentile, aliases, outside, rules, counted }
}
