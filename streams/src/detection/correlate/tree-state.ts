import type { CorrelationRule, DetectionRule, RuleEvent } from '../sigma/rule.js'
import { MAX_ENTRIES } from '../windows/index.js'
import type { EntryValue, GroupState, GroupStateRecord, Memory, WindowShape } from '../windows/index.js'
import { fires } from './condition.js'
import { contributionsOf, type Match } from './contributions.js'
import type { Firing, Occurrence } from './firing.js'
import { groupOfSingle, singleGroup } from './group.js'
import type { Group } from './group.js'
import { Groups, shapeOf, singleShape } from './groups.js'
import { Lives, type LifeRecord } from './lives.js'
import { operators } from './operators.js'
import type { RuleTree } from './tree.js'

const none: Firing[] = []

export type TreeRecord = Record<string, GroupStateRecord[]>

/** The windows of one rule and the rules it is made of. */
export class TreeState {
  private readonly nodes = new Map<CorrelationRule | 'single', Groups>()
  private readonly singleGroups = new Map<DetectionRule, ((event: RuleEvent) => string | undefined) | undefined>()
  private readonly root: Groups
  readonly lives: Lives

  constructor(
    readonly tree: RuleTree,
    private readonly memory: Memory,
    maxEntries = MAX_ENTRIES,
  ) {
    const { root, nodes, bases } = tree
    this.lives = new Lives(tree)
    for (const node of nodes) this.nodes.set(node, this.groupsOf(shapeOf(node, memory, maxEntries)))
    if (root.kind === 'detection') this.nodes.set('single', this.groupsOf(singleShape(memory)))
    this.root = this.nodes.get(root.kind === 'detection' ? 'single' : root) as Groups
    if (root.kind === 'correlation' && nodes.length === 1)
      for (const base of bases) this.singleGroups.set(base, singleGroup(root, base.name))
  }

  /** counts the event and returns what fired; `found` are the rules below that it matches, where that is known already */
  judge(occurrence: Occurrence, found: readonly DetectionRule[] = this.matchesOf(occurrence.event)): Firing[] {
    const { tree } = this
    if (!found.length) return []
    if (tree.root.kind === 'detection') {
      const group = groupOfSingle(occurrence.event)
      return [this.firing(occurrence, group, this.root.of(group, occurrence.time), 1)]
    }
    if (tree.nodes.length === 1) return this.judgeAlone(tree.root, occurrence, found)
    const firings: Firing[] = []
    const matches = new Map<CorrelationRule, Match[]>()
    const pass = (match: Match): void => {
      for (const parent of tree.parents.get(match.via) ?? [])
        matches.set(parent, [...(matches.get(parent) ?? []), match])
    }
    for (const base of found) pass({ via: base.name })
    for (const node of tree.nodes)
      for (const { group, values, cut } of contributionsOf(node, occurrence.event, matches.get(node) ?? [])) {
        const { time } = occurrence
        const state = (this.nodes.get(node) as Groups).of(group, occurrence.time)
        const value = this.count(state, occurrence, values)
        if (cut) state.window.cut(time)
        if (value === undefined || !fires(node, value)) continue
        if (node === tree.root) firings.push(this.firing(occurrence, group, state, value))
        else pass({ via: node.name, group: group.fields, cut: state.window.isCutAt(time) })
      }
    return firings
  }

  /** the commonest tree: one correlation over single events */
  private judgeAlone(root: CorrelationRule, occurrence: Occurrence, found: readonly DetectionRule[]): Firing[] {
    const [base] = found
    if (base && found.length === 1) {
      const read = this.singleGroups.get(base)
      if (read) return this.judgeSingle(root, base, read, occurrence)
    }
    const firings: Firing[] = []
    const matches = found.map((one) => ({ via: one.name }))
    for (const { group, values } of contributionsOf(root, occurrence.event, matches)) {
      const state = this.root.of(group, occurrence.time)
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
  ): Firing[] {
    const { event } = occurrence
    const key = read(event)
    if (key === undefined) return none
    const values = operators[root.type].values(root, base.name, event)
    const [only] = values
    if (only === undefined) return none
    const number = this.memory.texts.numberOf(key)
    if (values.length === 1) return this.countOne(occurrence, number, this.root.shape.pool.numberOf(only)) ?? none
    const state = this.keyed(number, occurrence.time)
    const value = this.count(state, occurrence, values)
    if (value === undefined || !fires(root, value)) return none
    return [this.firing(occurrence, { key, fields: state.fields }, state, value)]
  }

  /**
   * Counts a match of the one correlation over single events that the tree is, where its group is one field and it adds one
   * value: both as numbers of the memory.
   */
  countOne(occurrence: Occurrence, key: number, value: number): Firing[] | undefined {
    const root = this.tree.root as CorrelationRule
    const state = this.keyed(key, occurrence.time)
    const worth = state.countOne(this.idOf(occurrence), occurrence.time, value)
    if (worth === undefined || !fires(root, worth)) return undefined
    return [this.firing(occurrence, { key: this.memory.texts.textOf(key), fields: state.fields }, state, worth)]
  }

  /** what the root would be worth with the event, for each of its groups; a rule that holds has no correlations below it */
  peek(occurrence: Occurrence, bases: readonly DetectionRule[] = this.matchesOf(occurrence.event)): Firing[] {
    const { root } = this.tree
    if (root.kind !== 'correlation') return []
    const found = bases.map((base) => ({ via: base.name }))
    return contributionsOf(root, occurrence.event, found).map(({ group, values }) => {
      const state = this.root.of(group, occurrence.time)
      const { window } = state
      const { id, time } = occurrence
      const entries = values.map((value) => ({ time, id, value }))
      const value = window.peek(entries, time) ?? 0
      return { ...this.firing(occurrence, group, state, value), full: window.isFullAt(time) }
    })
  }

  /** forgets the groups of one actor */
  resetActor(actor: string): void {
    for (const groups of this.nodes.values()) groups.resetActor(actor)
  }

  /**
   * Drops the groups that can no longer matter and says how many are left. Called at fixed places of the log, so that every
   * run drops the same. Where events tell their own times, `now` is what all before was received by.
   */
  sweep(now: number): number {
    this.lives.sweep(now)
    const suppressMs = this.tree.root.custodia.suppressSeconds * 1000
    let left = 0
    for (const groups of this.nodes.values()) left += groups.sweep(now, suppressMs)
    return left
  }

  /** how much it remembers; bytes are what its arrays take, and about what its groups do; what full windows forgot so far */
  size(): { groups: number; entries: number; bytes: number; forgotten: number } {
    const total = { groups: 0, entries: 0, bytes: this.lives.bytes, forgotten: 0 }
    for (const node of this.nodes.values()) {
      const size = node.size()
      for (const what of ['groups', 'entries', 'bytes', 'forgotten'] as const) total[what] += size[what]
    }
    return total
  }

  /** gives back all that it remembers; it is not used any more */
  clear(): void {
    for (const groups of this.nodes.values()) groups.clear()
    this.nodes.clear()
    this.lives.clear()
  }

  snapshot(): TreeRecord {
    return Object.fromEntries([...this.nodes].map(([node, groups]) => [nameOf(node), groups.snapshot()]))
  }

  restore(record: TreeRecord): void {
    for (const [node, groups] of this.nodes) groups.restore(record[nameOf(node)] ?? [])
  }

  /** after `restore` */
  restoreLives(records?: readonly LifeRecord[]): void {
    for (const groups of this.nodes.values()) this.lives.restore(records, groups.all())
  }

  private groupsOf(shape: WindowShape): Groups {
    return new Groups(shape, this.memory, this.lives)
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
  private keyed(key: number, time: number): GroupState {
    const [name] = (this.tree.root as CorrelationRule).groupBy
    return this.root.ofOne(key, name as string, time)
  }
}

const nameOf = (node: CorrelationRule | 'single'): string => (node === 'single' ? '' : node.name)
