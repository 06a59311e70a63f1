import { routeKeyOf } from './route.js'
import { reachMs, type RuleTree } from './tree.js'
import type { GroupState } from '../windows/index.js'

/** What a rule remembers of the events of one route key, from the first of them until nothing can depend on it any more. */
export interface Life {
  /** up to when something may be told of a moment that it knows of */
  touched: number
  /** judged time of its newest event: what comes is of no earlier one; past everything when it is over */
  last: number
}

export type LifeRecord = readonly [key: string, touched: number, last: number]

/** of a life and its key */
const LIFE_BYTES = 300

/**
 * Where events tell their own times, all groups of a rule under one route key are forgotten together: what comes then begins
 * afresh in each of them, and one mark says so. There are none where time is the log's.
 */
export class Lives {
  private readonly byKey = new Map<string, Life>()
  private readonly reachMs: number

  constructor(private readonly tree: RuleTree) {
    this.reachMs = reachMs(tree)
  }

  /** an event is judged under this key; true when a life begins with it */
  judged(key: string, time: number, touched: number): boolean {
    const life = this.byKey.get(key)
    if (!life) this.byKey.set(key, { touched, last: time })
    else {
      life.touched = Math.max(life.touched, touched)
      life.last = Math.max(life.last, time)
    }
    return !life
  }

  /** that of a group */
  of(fields: Record<string, string>): Life | undefined {
    return this.byKey.size ? this.byKey.get(routeKeyOf(this.tree, fields)) : undefined
  }

  /** ends those that nothing can depend on which is received at `horizon` or later, and is in order; see release-buffer.ts */
  sweep(horizon: number): void {
    for (const [key, life] of this.byKey)
      if (horizon > life.touched + this.reachMs) {
        life.last = Infinity
        this.byKey.delete(key)
      }
  }

  get bytes(): number {
    return this.byKey.size * LIFE_BYTES
  }

  clear(): void {
    this.byKey.clear()
  }

  snapshot(): LifeRecord[] {
    return Array.from(this.byKey, ([key, { touched, last }]) => [key, touched, last])
  }

  /** And says so to groups. In snapshots of 0.1.0 groups alone say which there are, and not how far they have come. */
  restore(records: readonly LifeRecord[] | undefined, groups: Iterable<GroupState>): void {
    for (const [key, touched, last] of records ?? []) if (!this.byKey.has(key)) this.byKey.set(key, { touched, last })
    for (const group of groups) {
      if (!records) this.judged(routeKeyOf(this.tree, group.fields), 0, group.touched)
      group.life = this.of(group.fields)
    }
  }
}
