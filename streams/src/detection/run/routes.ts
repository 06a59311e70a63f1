import { keyOf } from '@custodia/contracts'
import type { AccessEvent } from '@custodia/contracts'
import { groupValue, isByActor } from '../correlate/index.js'
import type { RuleTree, TreeState } from '../correlate/index.js'
import type { RuleEvent } from '../sigma/rule.js'

/** An event of ours, at the partition of the actor who did it: rules by actor judge it there. */
export const isAtItsActor = (event: AccessEvent): boolean =>
  event.source === 'custodia' && event.actor !== undefined && keyOf(event) === event.actor

/** Key of the re-keyed record → the rules that judge `event` there; `seen` is the event with its final outcome. */
export const rekeyedRules = (
  states: readonly TreeState[],
  event: AccessEvent,
  seen: RuleEvent,
): Map<string, string[]> => {
  const keys = new Map<string, string[]>()
  const direct = isAtItsActor(event)
  for (const { tree } of states) {
    if (direct && isByActor(tree)) continue
    for (const key of keysOf(tree, seen)) keys.set(key, [...(keys.get(key) ?? []), tree.root.name])
  }
  return keys
}

/** Where a rule's windows for this event live: the values of the fields that all its group-bys share. */
const keysOf = (tree: RuleTree, event: RuleEvent): Set<string> => {
  const keys = new Set<string>()
  for (const base of tree.bases) {
    if (!base.matches(event)) continue
    const aliased = tree.parents.get(base.name)?.[0]?.aliases ?? {}
    const fields = tree.root.kind === 'detection' ? [event.actor === undefined ? 'ip' : 'actor'] : tree.routeFields
    const values = fields.map((field) => groupValue(event, aliased[field]?.[base.name] ?? field))
    if (tree.root.kind === 'correlation' && values.includes(undefined)) continue // not counted without its group
    keys.add(fields.map((field, i) => `${field}=${values[i] ?? ''}`).join('\n'))
  }
  return keys
}
