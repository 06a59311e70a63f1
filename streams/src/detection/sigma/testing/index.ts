import type { RuleEvent } from '../rule.js'
import { type LoadOptions, loadRules } from '../load-rules.js'

/** A rule with this detection section (indented by two), or the reason why there is none. */
export const oneRule = (detection: string, options: LoadOptions = {}) => {
  const yaml = `title: t\nlogsource: { product: test }\ndetection:\n${detection}`
  const { rules, problems } = loadRules([{ file: 'test.yml', yaml }], options)
  const [rule] = rules
  return {
    problem: problems[0]?.reason,
    matches: (event: RuleEvent) => rule?.kind === 'detection' && rule.matches(event),
  }
}

/** Whether `key: value` as the only item of a rule matches the event. */
export const matches = (key: string, value: string, event: RuleEvent, options: LoadOptions = {}): boolean => {
  const rule = oneRule(`  sel:\n    '${key}': ${value}\n  condition: sel`, options)
  if (rule.problem) throw new Error(rule.problem)
  return rule.matches(event)
}

/** Why a rule with this item is refused. */
export const problemOf = (key: string, value: string, options: LoadOptions = {}): string | undefined =>
  oneRule(`  sel:\n    '${key}': ${value}\n  condition: sel`, options).problem
