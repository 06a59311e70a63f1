import { keyOf } from '@custodia/contracts'
import type { AccessEvent } from '@custodia/contracts'
import { isByActor, routeKey } from '../correlate/index.js'
import type { Plan, RuleTree } from '../correlate/index.js'
import type { DetectionRule, RuleEvent } from '../sigma/rule.js'

/** An event of ours, at the partition of the actor who did it: rules by actor judge it there. */
export const isAtItsActor = (event: AccessEvent): boolean =>
  event.source === 'custodia' && event.actor !== undefined && keyOf(event) === event.actor

/** Key of the re-keyed record → the rules that judge `event` there; `seen` is the event with its final outcome. */
export const rekeyedRules = (plan: Plan, event: AccessEvent, seen: RuleEvent): Map<string, string[]> => {
  const keys = new Map<string, string[]>()
  const direct = isAtItsActor(event)
  for (const { state, bases } of plan) {
    const { tree } = state
    if (direct && isByActor(tree)) continue
    for (const key of keysOf(tree, bases, seen)) keys.set(key, [...(keys.get(key) ?? []), tree.root.name])
  }
  return keys
}

/** Where a rule's windows for this event live: the values of the fields that all its group-bys share. */
const keysOf = (tree: RuleTree, bases: readonly DetectionRule[], event: RuleEvent): Set<string> =>
  new Set(bases.flatMap((base) => routeKey(tree, base, event) ?? []))

/**
 * What the rules of these names match of the event under this key. With aliases it may have gone to several keys, which may
 * well lie in one partition: each record counts for its own groups alone.
 */
export const planAt = (plan: Plan, names: readonly string[], event: RuleEvent, key: string): Plan =>
  plan
    .filter(({ state }) => names.includes(state.tree.root.name))
    .map(({ state, bases }) => ({ state, bases: bases.filter((base) => routeKey(state.tree, base, event) === key) }))
    .filter(({ bases }) => bases.length)
