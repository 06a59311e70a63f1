import { fieldValues, type Scalar } from '../sigma/fields.js'
import type { CorrelationRule, RuleEvent } from '../sigma/rule.js'

/** The group of a correlation that fired, when that is what another one counts. */
export type ChildGroup = Readonly<Record<string, string>>

/** The field that a correlation means by a name, in a match of the rule `via`: its own field, or what an alias stands for. */
export const fieldFor = ({ aliases }: CorrelationRule, name: string, via: string): string =>
  aliases[name]?.[via] ?? name

/** What a match adds is added once by all matches of one event that mean the same fields. */
export const countedAs = (rule: CorrelationRule, via: string): string =>
  rule.field.map((name) => fieldFor(rule, name, via)).join('\n')

/** The values of a field of `condition.field` in one match. A child's group goes before the firing event's own fields. */
export const countedValues = (
  rule: CorrelationRule,
  name: string,
  via: string,
  event: RuleEvent,
  child?: ChildGroup,
): Scalar[] => {
  const field = fieldFor(rule, name, via)
  return child && Object.hasOwn(child, field) ? [child[field]!] : fieldValues(event, field)
}
