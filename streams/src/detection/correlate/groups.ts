import type { CorrelationRule } from '../sigma/rule.js'
import { EntryPool, GroupState } from '../windows/index.js'
import type { GroupStateRecord, Memory, WindowShape } from '../windows/index.js'
import { groupKey, type Group } from './group.js'
import type { Lives } from './lives.js'
import { operators } from './operators.js'

/** of a group's objects and its key, as a heap snapshot shows them */
const GROUP_BYTES = 400

/** The groups of one correlation, by the numbers of their keys, and how their windows are. */
export class Groups {
  private readonly states = new Map<number, GroupState>()

  constructor(
    readonly shape: WindowShape,
    private readonly memory: Memory,
    private readonly lives: Lives,
  ) {}

  of({ key, fields }: Group, time: number): GroupState {
    const number = this.memory.texts.numberOf(key)
    const state = this.states.get(number)
    if (!state) return this.enter(number, fields, time)
    state.touch(time)
    return state
  }

  /** the group of one field, by the number of its value */
  ofOne(key: number, field: string, time: number): GroupState {
    const state = this.states.get(key)
    if (!state) return this.enter(key, { [field]: this.memory.texts.textOf(key) }, time)
    state.touch(time)
    return state
  }

  /** forgets the groups of one actor */
  resetActor(actor: string): void {
    for (const state of this.states.values()) if (state.fields.actor === actor) state.reset()
  }

  /** drops the groups that can no longer matter, and says how many are left */
  sweep(now: number, suppressMs: number): number {
    for (const [key, state] of this.states) if (state.isIdleAt(now, suppressMs)) this.drop(key, state)
    return this.states.size
  }

  /** bytes are what its arrays take, and about what its groups do */
  size(): { groups: number; entries: number; bytes: number; forgotten: number } {
    const { pool, aggregate } = this.shape
    const groups = this.states.size
    const bytes = pool.bytes + (aggregate.bytes?.() ?? 0) + groups * GROUP_BYTES
    return { groups, entries: pool.size, bytes, forgotten: pool.forgotten }
  }

  /** gives back all that it remembers */
  clear(): void {
    for (const [key, state] of this.states) this.drop(key, state)
  }

  snapshot(): GroupStateRecord[] {
    return [...this.states.values()].map((state) => state.snapshot())
  }

  restore(records: readonly GroupStateRecord[]): void {
    const { texts } = this.memory
    for (const record of records) {
      const key = texts.numberOf(groupKey(Object.values(record.fields)))
      texts.keep(key)
      this.states.set(
        key,
        GroupState.restore(this.shape, record, (id) => texts.numberOf(id)),
      )
    }
  }

  all(): Iterable<GroupState> {
    return this.states.values()
  }

  private enter(key: number, fields: Record<string, string>, time: number): GroupState {
    const state = new GroupState(fields, this.shape)
    state.life = this.lives.of(fields)
    state.touch(time)
    this.states.set(key, state)
    this.memory.texts.keep(key)
    return state
  }

  private drop(key: number, state: GroupState): void {
    state.clear()
    this.states.delete(key)
    this.memory.texts.release(key)
  }
}

export const shapeOf = (node: CorrelationRule, memory: Memory, maxEntries: number): WindowShape => {
  const spanMs = node.timespanSeconds * 1000
  const { kind, aggregate } = operators[node.type]
  return {
    spanMs,
    maxEntries,
    aggregate: aggregate(node),
    pool: new EntryPool(memory, kind),
  }
}

/** of a rule without correlation, which counts nothing: its groups remember when they alerted */
export const singleShape = (memory: Memory): WindowShape => ({
  spanMs: 0,
  maxEntries: 1,
  aggregate: { add: () => undefined, remove: () => undefined, value: () => 1 },
  pool: new EntryPool(memory, 'nothing'),
})
