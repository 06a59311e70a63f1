import type { RuleProblem } from '@custodia/contracts'
import type { CorrelationRule, Rule } from '../sigma/rule.js'
import { MAX_ENTRIES } from '../windows/index.js'
import { limitOf } from './condition.js'
import { operators } from './operators.js'

/** What a loaded rule asks for and the engine would not do exactly. Such a rule does not run. */
export const unsupported = (rules: readonly Rule[]): RuleProblem[] => {
  const kinds = new Map(rules.map((rule) => [rule.name, rule.kind]))
  return rules.flatMap((rule) => {
    const reason = rule.kind === 'correlation' ? (tooLarge(rule) ?? badHold(rule, kinds)) : holdOfOne(rule)
    return reason === undefined ? [] : [{ file: rule.file, reason: `${rule.name}: ${reason}` }]
  })
}

/** A limit that no window reaches. */
export const tooLarge = (rule: CorrelationRule): string | undefined => {
  if (rule.type !== 'event_count' && rule.type !== 'value_count') return undefined
  const largest = Math.max(0, ...rule.condition.map(({ value }) => value))
  return largest < MAX_ENTRIES ? undefined : `counts up to ${largest}; a window holds ${MAX_ENTRIES} events`
}

const badHold = (rule: CorrelationRule, kinds: Map<string, Rule['kind']>): string | undefined => {
  if (!rule.custodia.hold) return undefined
  if (!operators[rule.type].holds) return `custodia.hold cannot be used with ${rule.type}`
  if (!rule.groupBy.includes('actor')) return 'custodia.hold needs actor in group-by'
  if (limitOf(rule) === undefined) return 'custodia.hold needs a condition with gt'
  if (rule.condition.length > 1) return 'custodia.hold allows one condition, gt'
  if (rule.rules.some((name) => kinds.get(name) === 'correlation'))
    return 'custodia.hold needs rules without correlation below it'
  return undefined
}

const holdOfOne = (rule: Rule): string | undefined =>
  rule.custodia.hold ? 'custodia.hold needs a correlation with gt' : undefined
