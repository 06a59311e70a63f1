import type { RuleProblem } from '@custodia/contracts'
import { holds } from './comparison.js'
import type { RuleDocument } from './nodes.js'
import type { CorrelationRule } from './rule.js'

/** What Sigma allows and nobody means: the rule loads, and its author is told. */
export const notesOn = (document: RuleDocument, rule: CorrelationRule): RuleProblem[] => {
  const note = (reason: string, ...path: string[]): RuleProblem => {
    const line = document.line(['correlation', ...path])
    return { file: rule.file, ...(line !== undefined && { line }), reason }
  }
  const unused = Object.keys(rule.aliases).filter((name) => !rule.groupBy.includes(name) && !rule.field.includes(name))
  return [
    ...unused.map((name) =>
      note(`the alias \`${name}\` is used neither in \`group-by\` nor in \`field\``, 'aliases', name),
    ),
    ...(canFire(rule) ? [] : [note('this condition never holds: the rule cannot fire', 'condition')]),
  ]
}

/** Whether any value passes all bounds: if one does, so does one beside a bound. */
const canFire = ({ type, rules, condition }: CorrelationRule): boolean => {
  const counts = !/^value_(sum|avg|percentile|median)$/.test(type)
  const near = counts ? [-2, -1, 0, 1, 2] : [-1e-6, 0, 1e-6]
  const bounds = condition.map(({ value }) => (counts ? Math.round(value) : value))
  const least = !counts ? -Infinity : type === 'temporal_ordered' ? 0 : 1 // the match that is judged counts
  const most = type.startsWith('temporal') ? rules.length : Infinity
  return [...bounds, least, most]
    .filter(Number.isFinite)
    .flatMap((bound) => near.map((by) => bound + by * (counts ? 1 : Math.max(1, Math.abs(bound)))))
    .some(
      (value) => value >= least && value <= most && condition.every(({ op, value: than }) => holds[op](value, than)),
    )
}
