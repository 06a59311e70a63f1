import type { RuleEvent } from './fields.js'
import type { Item } from './modifiers/modifier.js'

export type Matcher = (event: RuleEvent) => boolean

/**
 * What a rule looks for in one event, as a tree: conditions on fields, joined. Whatever judges an event or says the rule in
 * another language is made from it. A selection that a condition names twice is one node.
 */
export type Expression =
  | { kind: 'item'; item: Item; matches: Matcher }
  | { kind: 'and' | 'or'; of: readonly Expression[] }
  | { kind: 'not'; of: Expression }

export const every = (of: readonly Expression[]): Expression => (of.length === 1 && of[0] ? of[0] : { kind: 'and', of })

export const some = (of: readonly Expression[]): Expression => (of.length === 1 && of[0] ? of[0] : { kind: 'or', of })

export const matcherOf = (expression: Expression): Matcher => {
  if (expression.kind === 'item') return expression.matches
  if (expression.kind === 'not') {
    const matches = matcherOf(expression.of)
    return (event) => !matches(event)
  }
  const matchers = expression.of.map(matcherOf)
  return expression.kind === 'and'
    ? (event) => matchers.every((matches) => matches(event))
    : (event) => matchers.some((matches) => matches(event))
}
