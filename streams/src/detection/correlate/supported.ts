import type { RuleProblem } from '@custodia/contracts'
import type { CorrelationRule, Rule, RuleLines } from '../sigma/rule.js'
import { problemIn } from '../sigma/rule-error.js'
import type { Said } from '../sigma/said.js'
import { MAX_ENTRIES } from '../windows/index.js'
import { limitOf } from './condition.js'
import { operators } from './operators.js'

/** What a loaded rule asks for and the engine would not do exactly. Such a rule does not run. */
export const unsupported = (rules: readonly Rule[]): RuleProblem[] => {
  const kinds = new Map(rules.map((rule) => [rule.name, rule.kind]))
  return rules.flatMap((rule) => {
    const [at, why] = whyNot(rule, kinds)
    if (why === undefined) return []
    const said = { en: `${rule.name}: ${why.en}`, zh: `${rule.name}：${why.zh}` }
    return [problemIn(rule.file, said, rule.lines[at])]
  })
}

type Kinds = ReadonlyMap<string, Rule['kind']>
type Why = [at: keyof RuleLines, why?: Said]

const whyNot = (rule: Rule, kinds: Kinds): Why => {
  if (rule.kind === 'correlation') {
    const large = tooLarge(rule)
    return large === undefined ? badHold(rule, kinds) : ['condition', large]
  }
  const needed = { en: 'custodia.hold needs a correlation with gt', zh: 'custodia.hold 需要带 gt 的关联规则' }
  return ['hold', rule.custodia.hold ? needed : undefined]
}

/** A limit that no window reaches. */
export const tooLarge = (rule: CorrelationRule): Said | undefined => {
  if (rule.type !== 'event_count' && rule.type !== 'value_count') return undefined
  const largest = Math.max(0, ...rule.condition.map(({ value }) => value))
  if (largest < MAX_ENTRIES) return undefined
  return {
    en: `counts up to ${largest}; a window holds ${MAX_ENTRIES} events`,
    zh: `计数达 ${largest}，而窗口最多容纳 ${MAX_ENTRIES} 个事件`,
  }
}

const badHold = (rule: CorrelationRule, kinds: Kinds): Why => {
  if (!rule.custodia.hold) return ['hold']
  if (!operators[rule.type].holds)
    return [
      'hold',
      { en: `custodia.hold cannot be used with ${rule.type}`, zh: `custodia.hold 不能与 ${rule.type} 一起使用` },
    ]
  if (!rule.groupBy.includes('actor'))
    return ['groupBy', { en: 'custodia.hold needs actor in group-by', zh: 'custodia.hold 需要 group-by 含 actor' }]
  if (limitOf(rule) === undefined)
    return ['condition', { en: 'custodia.hold needs a condition with gt', zh: 'custodia.hold 需要带 gt 的条件' }]
  if (rule.condition.length > 1)
    return ['condition', { en: 'custodia.hold allows one condition, gt', zh: 'custodia.hold 只允许一个条件：gt' }]
  if (rule.rules.some((name) => kinds.get(name) === 'correlation'))
    return [
      'rules',
      { en: 'custodia.hold needs rules without correlation below it', zh: 'custodia.hold 所统计的规则不能是关联规则' },
    ]
  return ['hold']
}
