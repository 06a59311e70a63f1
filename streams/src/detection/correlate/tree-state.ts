import type { CorrelationRule, DetectionRule, RuleEvent } from '../sigma/rule.js'
import { EntryPool, GroupState, MAX_ENTRIES } from '../windows/index.js'
import type { EntryValue, GroupStateRecord, Memory, WindowShape } from '../windows/index.js'
import { fires } from './condition.js'
import { countedAs } from './counted-field.js'
import { groupBy, groupKey, groupOfSingle, singleGroup } from './group.js'
import type { Group } from './group.js'
import { operators } from './operators.js'
import type { RuleTree } from './tree.js'

/** An event as the rules are to judge it. */
export interface Occurrence {
  readonly id: string
  /** of its id, where the memory's ids are numbers already */
  readonly number?: number
  /** the time it is judged at, milliseconds */
  readonly time: number
  readonly event: RuleEvent
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

/** of a group's objects and its key, as a heap snapshot shows them */
const GROUP_BYTES = 400

export type TreeRecord = Record<string, GroupStateRecord[]>

/** One correlation of a tree: its groups, by the numbers of their keys, and how their windows are. */
interface NodeState {
  groups: Map<number, GroupState>
  shape: WindowShape
}

/** The windows of one rule and the rules it is made of. */
export class TreeState {
  private readonly nodes = new Map<CorrelationRule | 'single', NodeState>()
  private readonly singleGroups = new Map<DetectionRule, ((event: RuleEvent) => string | undefined) | undefined>()
  private readonly root: NodeState

  constructor(
    readonly tree: RuleTree,
    private readonly memory: Memory,
    graceFactor: number,
    maxEntries = MAX_ENTRIES,
  ) {
    const { root, nodes, bases } = tree
    for (const node of nodes)
      this.nodes.set(node, { groups: new Map(), shape: shapeOf(node, memory, graceFactor, maxEntries) })
    if (root.kind === 'detection') this.nodes.set('single', { groups: new Map(), shape: singleShape(memory) })
    this.root = this.nodes.get(root.kind === 'detection' ? 'single' : root) as NodeState
    if (root.kind === 'correlation' && nodes.length === 1)
      for (const base of bases) this.singleGroups.set(base, singleGroup(root, base.name))
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
      return [this.firing(occurrence, group, this.stateOf(this.root, group, touched), 1)]
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
        const state = this.stateOf(this.nodes.get(node) as NodeState, group, touched)
        const value = this.count(state, occurrence, values)
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
      const state = this.stateOf(this.root, group, touched)
      const value = this.count(state, occurrence, values)
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
    const { event } = occurrence
    const key = read(event)
    if (key === undefined) return none
    const values = operators[root.type].values(root, base.name, event)
    const [only] = values
    if (only === undefined) return none
    const number = this.memory.texts.numberOf(key)
    if (values.length === 1)
      return this.countOne(occurrence, touched, number, this.root.shape.pool.numberOf(only)) ?? none
    const state = this.keyed(number, touched)
    const value = this.count(state, occurrence, values)
    if (value === undefined || !fires(root, value)) return none
    return [this.firing(occurrence, { key, fields: state.fields }, state, value)]
  }

  /**
   * Counts a match of the one correlation over single events that the tree is, where its group is one field and it adds one
   * value: both as numbers of the memory.
   */
  countOne(occurrence: Occurrence, touched: number, key: number, value: number): Firing[] | undefined {
    const root = this.tree.root as CorrelationRule
    const state = this.keyed(key, touched)
    const worth = state.countOne(this.idOf(occurrence), occurrence.time, value)
    if (worth === undefined || !fires(root, worth)) return undefined
    return [this.firing(occurrence, { key: this.memory.texts.textOf(key), fields: state.fields }, state, worth)]
  }

  /** what the root would be worth with the event, for each of its groups; a rule that holds has no correlations below it */
  peek(
    occurrence: Occurrence,
    touched: number,
    bases: readonly DetectionRule[] = this.matchesOf(occurrence.event),
  ): (Firing & { full: boolean })[] {
    const { root } = this.tree
    if (root.kind !== 'correlation') return []
    const found = bases.map((base) => ({ via: base.name }))
    return valuesOf(root, occurrence, found).map(({ group, values }) => {
      const state = this.stateOf(this.root, group, touched)
      const window = state.windowAt(occurrence.time)
      const { id, time } = occurrence
      const entries = values.map((value) => ({ time, id, value }))
      const value = window.peek(entries, time) ?? 0
      return { ...this.firing(occurrence, group, state, value), full: window.isFullAt(occurrence.time) }
    })
  }

  /** forgets the groups of one actor */
  resetActor(actor: string): void {
    for (const { groups } of this.nodes.values())
      for (const state of groups.values()) if (state.fields.actor === actor) state.reset()
  }

  /**
   * Drops the groups that can no longer matter and says how many are left. Called at fixed places of the log, so that every
   * run drops the same.
   */
  sweep(now: number): number {
    const suppressMs = this.tree.root.custodia.suppressSeconds * 1000
    let left = 0
    for (const { groups } of this.nodes.values()) {
      for (const [key, state] of groups) {
        if (!state.isIdleAt(now, suppressMs)) continue
        state.clear()
        groups.delete(key)
        this.memory.texts.release(key)
      }
      left += groups.size
    }
    return left
  }

  /** how much it remembers; bytes are what its arrays take, and about what its groups do */
  size(): { groups: number; entries: number; bytes: number } {
    const size = { groups: 0, entries: 0, bytes: 0 }
    for (const { groups, shape } of this.nodes.values()) {
      size.groups += groups.size
      size.entries += shape.pool.size
      size.bytes += shape.pool.bytes + (shape.aggregate.bytes?.() ?? 0) + groups.size * GROUP_BYTES
    }
    return size
  }

  /** gives back all that it remembers; it is not used any more */
  clear(): void {
    for (const { groups } of this.nodes.values())
      for (const [key, state] of groups) {
        state.clear()
        this.memory.texts.release(key)
      }
    this.nodes.clear()
  }

  snapshot(): TreeRecord {
    return Object.fromEntries(
      [...this.nodes].map(([node, { groups }]) => [
        nameOf(node),
        [...groups.values()].map((state) => state.snapshot()),
      ]),
    )
  }

  restore(record: TreeRecord): void {
    const { texts } = this.memory
    for (const [node, { groups, shape }] of this.nodes)
      for (const state of record[nameOf(node)] ?? []) {
        const key = texts.numberOf(groupKey(Object.values(state.fields)))
        texts.keep(key)
        groups.set(
          key,
          GroupState.restore(shape, state, (id) => texts.numberOf(id)),
        )
      }
  }

  private matchesOf(event: RuleEvent): DetectionRule[] {
    return this.tree.bases.filter((base) => base.matches(event))
  }

  private firing(occurrence: Occurrence, group: Group, state: GroupState, value: number): Firing {
    return { tree: this.tree, group, state, time: occurrence.time, eventId: occurrence.id, value }
  }

  private idOf({ number, id }: Occurrence): number {
    return number ?? this.memory.texts.numberOf(id)
  }

  private count(state: GroupState, occurrence: Occurrence, values: readonly EntryValue[]): number | undefined {
    const numbers = values.map((value) => state.pool.numberOf(value))
    return state.count(this.idOf(occurrence), occurrence.time, numbers)
  }

  /** the root's group of one field */
  private keyed(key: number, touched: number): GroupState {
    const state = this.root.groups.get(key)
    if (!state) {
      const [name] = (this.tree.root as CorrelationRule).groupBy
      return this.enter(this.root, key, { [name as string]: this.memory.texts.textOf(key) }, touched)
    }
    state.touched = touched
    return state
  }

  private stateOf(node: NodeState, group: Group, touched: number): GroupState {
    const key = this.memory.texts.numberOf(group.key)
    const state = node.groups.get(key)
    if (!state) return this.enter(node, key, group.fields, touched)
    state.touched = touched
    return state
  }

  private enter(node: NodeState, key: number, fields: Record<string, string>, touched: number): GroupState {
    const state = new GroupState(fields, node.shape)
    state.touched = touched
    node.groups.set(key, state)
    this.memory.texts.keep(key)
    return state
  }
}

const shapeOf = (node: CorrelationRule, memory: Memory, graceFactor: number, maxEntries: number): WindowShape => {
  const spanMs = node.timespanSeconds * 1000
  const { kind, aggregate } = operators[node.type]
  return {
    spanMs,
    graceMs: spanMs * graceFactor,
    maxEntries,
    aggregate: aggregate(node),
    pool: new EntryPool(memory, kind),
  }
}

/** of a rule without correlation, which counts nothing: its groups remember when they alerted */
const singleShape = (memory: Memory): WindowShape => ({
  spanMs: 0,
  graceMs: 0,
  maxEntries: 1,
  aggregate: { add: () => undefined, remove: () => undefined, value: () => 1 },
  pool: new EntryPool(memory, 'nothing'),
})

const nameOf = (node: CorrelationRule | 'single'): string => (node === 'single' ? '' : node.name)

/** Ids of what the firing counted, oldest first, the event that fired last. Asked for before the next event is judged. */
export const countedIds = ({ tree, state, time, eventId }: Firing): string[] => {
  if (tree.root.kind === 'detection') return [eventId]
  const ids: string[] = []
  // what one event adds stands together, so that events of one id that came twice stay two
  for (const { id } of state.windowAt(time).between(time)) if (id !== ids.at(-1)) ids.push(id)
  return ids
}

/**
 * What an event adds to each group of a correlation. A rule that counts events counts one that matches twice once; with
 * aliases two matches may mean different fields, and each adds its own.
 */
const valuesOf = (
  node: CorrelationRule,
  { event }: Occurrence,
  matches: Match[],
): { group: Group; values: EntryValue[] }[] => {
  const byGroup = new Map<string, { group: Group; values: EntryValue[]; vias: string[] }>()
  for (const { via, group: child } of matches) {
    const group = groupBy(node, via, event, child)
    if (!group) continue
    const known = byGroup.get(group.key)
    if (known && !node.type.startsWith('temporal') && known.vias.some((other) => sameFields(node, via, other))) continue
    const values = operators[node.type].values(node, via, event, child)
    if (!values.length) continue
    if (!known) byGroup.set(group.key, { group, values, vias: [via] })
    else {
      known.values.push(...values)
      known.vias.push(via)
    }
  }
  return [...byGroup.values()]
}

const sameFields = (node: CorrelationRule, via: string, other: string): boolean =>
  !node.field.length || countedAs(node, via) === countedAs(node, other)
