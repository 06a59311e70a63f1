import type { CorrelationRule, RuleEvent } from '../sigma/rule.js'
import type { EntryValue } from '../windows/index.js'
import { type ChildGroup, countedAs } from './counted-field.js'
import { groupBy, type Group } from './group.js'
import { operators } from './operators.js'

/** What a correlation is given: an event that matched a rule, or a firing of the correlation below. */
export interface Match {
  via: string
  group?: ChildGroup
  /** fired by a window that is not whole */
  cut?: boolean
}

interface Contribution {
  group: Group
  values: EntryValue[]
  cut: boolean
}

/**
 * What an event adds to each group of a correlation. A rule that counts events counts one that matches twice once; with
 * aliases two matches may mean different fields, and each adds its own.
 */
export const contributionsOf = (node: CorrelationRule, event: RuleEvent, matches: readonly Match[]): Contribution[] => {
  const byGroup = new Map<string, Contribution & { vias: string[] }>()
  for (const { via, group: child, cut = false } of matches) {
    const group = groupBy(node, via, event, child)
    if (!group) continue
    const known = byGroup.get(group.key)
    if (known && !node.type.startsWith('temporal') && known.vias.some((other) => sameFields(node, via, other))) continue
    const values = operators[node.type].values(node, via, event, child)
    if (!values.length) continue
    if (!known) byGroup.set(group.key, { group, values, vias: [via], cut })
    else {
      known.cut ||= cut
      known.values.push(...values)
      known.vias.push(via)
    }
  }
  return [...byGroup.values()]
}

const sameFields = (node: CorrelationRule, via: string, other: string): boolean =>
  !node.field.length || countedAs(node, via) === countedAs(node, other)
