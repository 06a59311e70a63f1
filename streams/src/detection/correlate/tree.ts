import type { CorrelationRule, DetectionRule, Rule } from '../sigma/rule.js'
import { limitOf } from './condition.js'

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
    bases: [...bases.values()],
    parents,
    routeFields: (nodes[0]?.groupBy ?? []).filter((field) => nodes.every((node) => node.groupBy.includes(field))),
    limit: root.kind === 'correlation' ? limitOf(root) : undefined,
    longestSeconds: Math.max(0, ...nodes.map((node) => node.timespanSeconds)),
    lookbackMs: root.kind === 'correlation' ? lookbackOf(root, nodes) : 0,
  }
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

const lookbackOf = (node: CorrelationRule, nodes: readonly CorrelationRule[]): number => {
  const below = nodes.filter(({ name }) => node.rules.includes(name)).map((child) => lookbackOf(child, nodes))
  return node.timespanSeconds * 1000 + Math.max(0, ...below)
}

/** True when the tree is judged at an actor's own partition. */
export const isByActor = (tree: RuleTree): boolean =>
  tree.root.kind === 'detection' || tree.routeFields.includes('actor')
