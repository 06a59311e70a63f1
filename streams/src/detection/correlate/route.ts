import type { DetectionRule, RuleEvent } from '../sigma/rule.js'
import { groupValue } from './group.js'
import type { RuleTree } from './tree.js'

/** The names of a rule's route fields, and where an event that matches this base has each. */
export const routeOf = (tree: RuleTree, base: DetectionRule): readonly (readonly [name: string, field: string])[] => {
  const aliased = tree.parents.get(base.name)?.[0]?.aliases ?? {}
  return tree.routeFields.map((name) => [name, aliased[name]?.[base.name] ?? name])
}

/**
 * The key under which a rule that is not judged at the event's own place counts it: the values of the fields that all its
 * group-bys share. undefined: not counted without its group.
 */
export const routeKey = (tree: RuleTree, base: DetectionRule, event: RuleEvent): string | undefined => {
  if (tree.root.kind === 'detection') {
    const name = event.actor === undefined ? 'ip' : 'actor'
    return keyText([[name, groupValue(event, name) ?? '']])
  }
  const parts = routeOf(tree, base).map(([name, field]) => [name, groupValue(event, field)] as const)
  if (parts.some(([, value]) => value === undefined)) return undefined
  return keyText(parts as [string, string][])
}

/** The same of a group, whose fields have the names that the rule gives them. */
export const routeKeyOf = ({ root, routeFields }: RuleTree, fields: Record<string, string>): string =>
  keyText(
    root.kind === 'detection'
      ? Object.entries({ ...(!Object.keys(fields).length && { ip: '' }), ...fields })
      : routeFields.map((name) => [name, fields[name] as string]),
  )

/** As SQL writes it too, in `sql/late.ts`. */
const keyText = (parts: readonly (readonly [name: string, value: string])[]): string =>
  parts.map(([name, value]) => `${name}=${value}`).join('\n')

const DAY_MS = 86_400_000

/**
 * So far behind its time an event that came late to its key still counts for a rule: as far as windows reach back. A backfill
 * must not look like a burst of now. What stands for itself, and our own events, which nobody fills in later, count for a day.
 */
export const countsLateMs = ({ root, lookbackMs }: RuleTree, ours: boolean): number =>
  ours || root.kind === 'detection' ? Math.max(lookbackMs, DAY_MS) : lookbackMs
