import type { EntryPool } from './entry-pool.js'
import { SlidingWindow } from './sliding-window.js'
import type { WindowShape, WindowState } from './sliding-window.js'

export interface GroupStateRecord {
  fields: Record<string, string>
  window: WindowState
  /** up to when it is not whole; absent: it is */
  cutUntil?: number
  lastAlertAt?: number
  touched: number
}

/** What is remembered of one group of one rule. */
export class GroupState {
  lastAlertAt?: number
  /** judged time of the newest event that concerned the group */
  touched = -Infinity
  /** with what it is forgotten, where time is not the log's; `last`: nothing of an earlier time is judged there any more */
  life?: { readonly last: number }
  window: SlidingWindow

  constructor(
    readonly fields: Record<string, string>,
    private readonly shape: WindowShape,
  ) {
    this.window = new SlidingWindow(shape)
  }

  touch(at: number): void {
    if (at > this.touched) this.touched = at
  }

  get pool(): EntryPool {
    return this.shape.pool
  }

  /** counts what one event adds, and gives the value of the window that ends with it; numbers are of the pool's memory */
  count(id: number, time: number, values: readonly number[]): number | undefined {
    const { window } = this
    for (const value of values) window.insert(time, id, value)
    return window.valueAt(time)
  }

  /** the same for an event that adds one value, which is the commonest */
  countOne(id: number, time: number, value: number): number | undefined {
    const { window } = this
    window.insert(time, id, value)
    return window.valueAt(time)
  }

  /** forgets what was counted and what was alerted */
  reset(): void {
    this.clear()
    this.window = new SlidingWindow(this.shape)
    this.lastAlertAt = undefined
  }

  /** gives back what its windows hold */
  clear(): void {
    this.window.clear()
  }

  /** true when nothing that is kept can matter to what is judged at `now` or later, or later in its life */
  isIdleAt(now: number, suppressMs: number): boolean {
    return (this.life?.last ?? now) - this.touched > Math.max(this.shape.spanMs, suppressMs)
  }

  snapshot(): GroupStateRecord {
    return {
      fields: this.fields,
      window: this.window.snapshot(),
      cutUntil: this.window.cutUntil,
      lastAlertAt: this.lastAlertAt,
      touched: this.touched,
    }
  }

  static restore(shape: WindowShape, record: GroupStateRecord, idOf: (id: string) => number): GroupState {
    const state = new GroupState(record.fields, shape)
    state.window = SlidingWindow.restore(shape, record.window, idOf, record.cutUntil)
    state.lastAlertAt = record.lastAlertAt
    state.touched = record.touched
    return state
  }
}
