import type { CorrelationRule, DetectionRule, Rule } from '../sigma/rule.js'
import { every, type Expression, matcherOf } from '../sigma/expression.js'
import { limitOf } from './condition.js'
import { fieldFor } from './counted-field.js'

/**
 * One alerting rule with everything it is made of. Trees share no state: two rules over the same base count apart, so that
 * each can be judged where its own groups live.
 */
export interface RuleTree {
  root: Rule
  /** correlations, children before parents; the last one is the root */
  nodes: CorrelationRule[]
  /** single-event rules that feed them, or the root itself */
  bases: DetectionRule[]
  /** rule name → correlations of this tree that count it */
  parents: Map<string, CorrelationRule[]>
  /** fields that stand in every group-by: events that could meet in a window have the same values in them */
  routeFields: string[]
  limit?: number
  longestSeconds: number
  /** the longest way back from a firing to an event that it counts: windows below windows add up */
  lookbackMs: number
}

/** The trees of all rules that alert and are not off. References were checked when the rules were loaded. */
export const plantTrees = (rules: readonly Rule[]): RuleTree[] => {
  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  return rules.filter((rule) => rule.alerts && rule.custodia.mode !== 'off').map((root) => plant(root, byName))
}

/** The tree of one rule, whether it alerts or not. */
export const plantTree = (root: Rule, rules: readonly Rule[]): RuleTree =>
  plant(root, new Map(rules.map((rule) => [rule.name, rule])))

const plant = (root: Rule, byName: Map<string, Rule>): RuleTree => {
  const nodes: CorrelationRule[] = []
  const bases = new Map<string, DetectionRule>()
  const parents = new Map<string, CorrelationRule[]>()
  const visit = (rule: Rule): void => {
    if (rule.kind === 'detection') return void bases.set(rule.name, rule)
    if (nodes.includes(rule)) return
    for (const name of new Set(rule.rules)) {
      const child = byName.get(name)
      if (!child) throw new Error(`rule ${rule.name} counts ${name}, which is not loaded`)
      parents.set(name, [...(parents.get(name) ?? []), rule])
      visit(child)
    }
    nodes.push(rule)
  }
  visit(root)
  return {
    root,
    nodes,
    bases: [...bases.values()].map((base) => within(root, base)),
    parents,
    routeFields: (nodes[0]?.groupBy ?? []).filter((field) => nodes.every((node) => routes(node, field, nodes))),
    limit: root.kind === 'correlation' ? limitOf(root) : undefined,
    longestSeconds: Math.max(0, ...nodes.map((node) => node.timespanSeconds)),
    lookbackMs: root.kind === 'correlation' ? lookbackOf(root, nodes) : 0,
  }
}

/**
 * Whether all that a correlation brings together under a group-by field has come together below it too: a rule is routed by
 * its base rules' fields, so a name must not change its meaning on the way up.
 */
const routes = (node: CorrelationRule, field: string, nodes: readonly CorrelationRule[]): boolean =>
  node.groupBy.includes(field) &&
  node.rules.every((via) =>
    nodes.some(({ name }) => name === via)
      ? fieldFor(node, field, via) === field
      : nodes.every(
          (other) => !other.rules.includes(via) || fieldFor(other, field, via) === fieldFor(node, field, via),
        ),
  )

/** The base as this rule counts it, its exceptions left out. Others that count it see them. */
const within = (root: Rule, base: DetectionRule): DetectionRule => {
  if (root.kind === 'detection' || !root.outside) return base
  const expression = every([base.expression, root.outside])
  return { ...base, expression, matches: matcherOf(expression) }
}

/** The fields of an event that its windows look at; what its rules look for is not among them. */
export const fieldsCounted = ({ root, nodes }: RuleTree): string[] =>
  root.kind === 'detection'
    ? ['actor', 'ip']
    : nodes.flatMap(({ groupBy, field, aliases }) => [
        ...groupBy,
        ...field,
        ...Object.values(aliases).flatMap((fields) => Object.values(fields)),
      ])

const fieldsIn = (expression: Expression): string[] =>
  expression.kind === 'item'
    ? [expression.item.field ?? '']
    : expression.kind === 'not'
      ? fieldsIn(expression.of)
      : expression.of.flatMap(fieldsIn)

/** Whether any of its rules looks for something in such a field. */
export const readsField = ({ bases }: Pick<RuleTree, 'bases'>, name: RegExp): boolean =>
  bases.some(({ expression }) => fieldsIn(expression).some((field) => name.test(field)))

const lookbackOf = (node: CorrelationRule, nodes: readonly CorrelationRule[]): number => {
  const below = nodes.filter(({ name }) => node.rules.includes(name)).map((child) => lookbackOf(child, nodes))
  return node.timespanSeconds * 1000 + Math.max(0, ...below)
}

/** So long an event matters to the rule: as far as its windows and its suppression reach. */
export const reachMs = ({ root, lookbackMs }: RuleTree): number =>
  Math.max(lookbackMs, root.custodia.suppressSeconds * 1000)

/** True when the tree is judged at an actor's own partition. */
export const isByActor = (tree: RuleTree): boolean =>
  tree.root.kind === 'detection' ||
  (tree.routeFields.includes('actor') && tree.nodes.every((node) => !('actor' in node.aliases)))
