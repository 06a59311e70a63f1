import type { CorrelationRule, DetectionRule, RuleEvent } from '../sigma/rule.js'
import { GroupState, MAX_ENTRIES } from '../windows/index.js'
import type { EntryValue, GroupStateRecord, WindowShape } from '../windows/index.js'
import { fires } from './condition.js'
import { groupBy, groupKey, groupOf, groupOfSingle, singleGroup } from './group.js'
import type { Group } from './group.js'
import { operators } from './operators.js'
import type { RuleTree } from './tree.js'

/** An event as the rules are to judge it. */
export interface Occurrence {
  id: string
  /** the time it is judged at, milliseconds */
  time: number
  event: RuleEvent
}

export interface Firing {
  tree: RuleTree
  group: Group
  state: GroupState
  time: number
  eventId: string
  value: number
}

interface Match {
  via: string
  group?: Record<string, string>
}

const none: Firing[] = []

export type TreeRecord = Record<string, GroupStateRecord[]>

/** The windows of one rule and the rules it is made of. */
export class TreeState {
  private readonly groups = new Map<CorrelationRule | 'single', Map<string, GroupState>>()
  private readonly singleGroups = new Map<DetectionRule, ((event: RuleEvent) => string | undefined) | undefined>()

  constructor(
    readonly tree: RuleTree,
    private readonly graceFactor: number,
    private readonly maxEntries = MAX_ENTRIES,
  ) {
    for (const node of [...tree.nodes, 'single' as const]) this.groups.set(node, new Map())
    if (tree.root.kind === 'correlation' && tree.nodes.length === 1)
      for (const base of tree.bases) this.singleGroups.set(base, singleGroup(tree.root, base.name))
  }

  /** counts the event and returns what fired; `found` are the rules below that it matches, where that is known already */
  judge(
    occurrence: Occurrence,
    touched: number,
    found: readonly DetectionRule[] = this.matchesOf(occurrence.event),
  ): Firing[] {
    const { tree } = this
    if (!found.length) return []
    if (tree.root.kind === 'detection') {
      const group = groupOfSingle(occurrence.event)
      return [this.firing(occurrence, group, this.stateOf('single', group, touched), 1)]
    }
    if (tree.nodes.length === 1) return this.judgeAlone(tree.root, occurrence, touched, found)
    const firings: Firing[] = []
    const matches = new Map<CorrelationRule, Match[]>()
    const pass = (match: Match): void => {
      for (const parent of tree.parents.get(match.via) ?? [])
        matches.set(parent, [...(matches.get(parent) ?? []), match])
    }
    for (const base of found) pass({ via: base.name })
    for (const node of tree.nodes)
      for (const { group, values } of valuesOf(node, occurrence, matches.get(node) ?? [])) {
        const state = this.stateOf(node, group, touched)
        const value = state.count(occurrence.id, occurrence.time, values)
        if (value === undefined || !fires(node, value)) continue
        if (node === tree.root) firings.push(this.firing(occurrence, group, state, value))
        else pass({ via: node.name, group: group.fields })
      }
    return firings
  }

  /** the commonest tree: one correlation over single events */
  private judgeAlone(
    root: CorrelationRule,
    occurrence: Occurrence,
    touched: number,
    found: readonly DetectionRule[],
  ): Firing[] {
    const [base] = found
    if (base && found.length === 1) {
      const read = this.singleGroups.get(base)
      if (read) return this.judgeSingle(root, base, read, occurrence, touched)
    }
    const firings: Firing[] = []
    const matches = found.map((one) => ({ via: one.name }))
    for (const { group, values } of valuesOf(root, occurrence, matches)) {
      const state = this.stateOf(root, group, touched)
      const value = state.count(occurrence.id, occurrence.time, values)
      if (value !== undefined && fires(root, value)) firings.push(this.firing(occurrence, group, state, value))
    }
    return firings
  }

  private judgeSingle(
    root: CorrelationRule,
    base: DetectionRule,
    read: (event: RuleEvent) => string | undefined,
    occurrence: Occurrence,
    touched: number,
  ): Firing[] {
    const { id, time, event } = occurrence
    const key = read(event)
    if (key === undefined) return none
    const values = operators[root.type].values(root, base.name, event)
    if (values.length === 0) return none
    let state = this.groups.get(root)?.get(key)
    if (state) state.touched = touched
    else state = this.stateOf(root, groupOf({ [root.groupBy[0] as string]: key }), touched)
    const value = state.count(id, time, values)
    if (value === undefined || !fires(root, value)) return none
    return [this.firing(occurrence, { key, fields: state.fields }, state, value)]
  }

  /** what the root would be worth with the event, for each of its groups; a rule that holds has no correlations below it */
  peek(occurrence: Occurrence, touched: number): (Firing & { full: boolean })[] {
    const { root } = this.tree
    if (root.kind !== 'correlation') return []
    const found = this.matchesOf(occurrence.event).map((base) => ({ via: base.name }))
    return valuesOf(root, occurrence, found).map(({ group, values }) => {
      const state = this.stateOf(root, group, touched)
      const window = state.windowAt(occurrence.time)
      const { id, time } = occurrence
      const entries = values.map((value) => ({ time, id, value }))
      const value = window.peek(entries, time) ?? 0
      return { ...this.firing(occurrence, group, state, value), full: window.isFullAt(occurrence.time) }
    })
  }

  /** forgets the groups of one actor */
  resetActor(actor: string): void {
    for (const groups of this.groups.values())
      for (const state of groups.values()) if (state.fields.actor === actor) state.reset()
  }

  /**
   * Drops the groups that can no longer matter and says how many are left. Called at fixed places of the log, so that every
   * run drops the same.
   */
  sweep(now: number): number {
    const suppressMs = this.tree.root.custodia.suppressSeconds * 1000
    let left = 0
    for (const groups of this.groups.values()) {
      for (const [key, state] of groups) if (state.isIdleAt(now, suppressMs)) groups.delete(key)
      left += groups.size
    }
    return left
  }

  snapshot(): TreeRecord {
    return Object.fromEntries(
      [...this.groups].map(([node, groups]) => [nameOf(node), [...groups.values()].map((state) => state.snapshot())]),
    )
  }

  restore(record: TreeRecord): void {
    for (const [node, groups] of this.groups)
      for (const state of record[nameOf(node)] ?? [])
        groups.set(groupKey(Object.values(state.fields)), GroupState.restore(this.shapeOf(node), state))
  }

  private matchesOf(event: RuleEvent): DetectionRule[] {
    return this.tree.bases.filter((base) => base.matches(event))
  }

  private firing(occurrence: Occurrence, group: Group, state: GroupState, value: number): Firing {
    return { tree: this.tree, group, state, time: occurrence.time, eventId: occurrence.id, value }
  }

  private stateOf(node: CorrelationRule | 'single', group: Group, touched: number): GroupState {
    const groups = this.groups.get(node) as Map<string, GroupState>
    let state = groups.get(group.key)
    if (!state) groups.set(group.key, (state = new GroupState(group.fields, this.shapeOf(node))))
    state.touched = touched
    return state
  }

  private shapeOf(node: CorrelationRule | 'single'): WindowShape {
    if (node === 'single')
      return { spanMs: 0, graceMs: 0, maxEntries: 1, aggregate: () => ({ add() {}, remove() {}, value: () => 1 }) }
    const spanMs = node.timespanSeconds * 1000
    const { graceFactor, maxEntries } = this
    return { spanMs, graceMs: spanMs * graceFactor, maxEntries, aggregate: () => operators[node.type].aggregate(node) }
  }
}

const nameOf = (node: CorrelationRule | 'single'): string => (node === 'single' ? '' : node.name)

/** Ids of what the firing counted, oldest first, the event that fired last. Asked for before the next event is judged. */
export const countedIds = ({ tree, state, time, eventId }: Firing): string[] => {
  if (tree.root.kind === 'detection') return [eventId]
  const ids: string[] = []
  // what one event adds stands together, so that events of one id that came twice stay two
  for (const { id } of state.windowAt(time).between(time)) if (id !== ids.at(-1)) ids.push(id)
  return ids
}

/** What an event adds to each group of a correlation. A rule that counts events counts one that matches twice once. */
const valuesOf = (
  node: CorrelationRule,
  { event }: Occurrence,
  matches: Match[],
): { group: Group; values: EntryValue[] }[] => {
  const byGroup = new Map<string, { group: Group; values: EntryValue[] }>()
  for (const { via, group: child } of matches) {
    const group = groupBy(node, via, event, child)
    if (!group) continue
    const known = byGroup.get(group.key)
    if (known && !node.type.startsWith('temporal')) continue
    const values = operators[node.type].values(node, via, event)
    if (known) known.values.push(...values)
    else if (values.length) byGroup.set(group.key, { group, values })
  }
  return [...byGroup.values()]
}
