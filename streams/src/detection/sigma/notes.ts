import type { RuleProblem } from '@custodia/contracts'
import { holds } from './comparison.js'
import type { RuleDocument } from './nodes.js'
import type { CorrelationRule } from './rule.js'
import { problemIn } from './rule-error.js'
import type { Said } from './said.js'

/** What YAML allows: an anchor that nothing names is probably the beginning of a text. */
export const anchorNotesOn = ({ file, lineOf, unused }: RuleDocument): RuleProblem[] =>
  unused.map((node) => {
    const { anchor } = node as { anchor?: string }
    const en = `the anchor \`&${anchor}\` is never used: a value that begins with \`&\` stands in quotes`
    return problemIn(file, { en, zh: `锚点 \`&${anchor}\` 从未使用：以 \`&\` 开头的值须加引号` }, lineOf(node))
  })

/** What Sigma allows and nobody means: the rule loads, and its author is told. */
export const notesOn = (document: RuleDocument, rule: CorrelationRule): RuleProblem[] => {
  const note = (said: Said, ...path: string[]): RuleProblem =>
    problemIn(rule.file, said, document.line(['correlation', ...path]))
  const unused = Object.keys(rule.aliases).filter((name) => !rule.groupBy.includes(name) && !rule.field.includes(name))
  return [
    ...unused.map((name) =>
      note(
        {
          en: `the alias \`${name}\` is used neither in \`group-by\` nor in \`field\``,
          zh: `别名 \`${name}\` 在 \`group-by\` 和 \`field\` 中都未使用`,
        },
        'aliases',
        name,
      ),
    ),
    ...(canFire(rule)
      ? []
      : [
          note(
            { en: 'this condition never holds: the rule cannot fire', zh: '此条件永远不成立：规则不会触发' },
            'condition',
          ),
        ]),
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
