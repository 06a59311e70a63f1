import type { EntryPool } from './entry-pool.js'
import { SlidingWindow } from './sliding-window.js'
import type { WindowShape, WindowState } from './sliding-window.js'

export interface GroupStateRecord {
  fields: Record<string, string>
  window: WindowState
  past?: WindowState
  lastAlertAt?: number
  touched: number
}

/** What is remembered of one group of one rule. */
export class GroupState {
  lastAlertAt?: number
  /** log-append time of the newest record that concerned the group */
  touched = 0
  private window: SlidingWindow
  /** a backfill of the past runs beside the present, in a window of its own */
  private past?: SlidingWindow

  constructor(
    readonly fields: Record<string, string>,
    private readonly shape: WindowShape,
  ) {
    this.window = new SlidingWindow(shape)
  }

  /** the window that an event of this time belongs to */
  windowAt(time: number): SlidingWindow {
    if (this.window.reaches(time)) return this.window
    if (!this.past?.reaches(time)) {
      this.past?.clear()
      this.past = new SlidingWindow(this.shape)
    }
    return this.past
  }

  get pool(): EntryPool {
    return this.shape.pool
  }

  /** counts what one event adds, and gives the value of the window that ends with it; numbers are of the pool's memory */
  count(id: number, time: number, values: readonly number[]): number | undefined {
    const window = this.windowAt(time)
    for (const value of values) window.insert(time, id, value)
    return window.valueAt(time)
  }

  /** the same for an event that adds one value, which is the commonest */
  countOne(id: number, time: number, value: number): number | undefined {
    const window = this.windowAt(time)
    window.insert(time, id, value)
    return window.valueAt(time)
  }

  /** forgets what was counted and what was alerted */
  reset(): void {
    this.clear()
    this.window = new SlidingWindow(this.shape)
    this.past = undefined
    this.lastAlertAt = undefined
  }

  /** gives back what its windows hold */
  clear(): void {
    this.window.clear()
    this.past?.clear()
  }

  /** true when nothing that is kept can matter to a record appended at `now` or later */
  isIdleAt(now: number, suppressMs: number): boolean {
    return now - this.touched > Math.max(this.shape.spanMs + this.shape.graceMs, suppressMs)
  }

  snapshot(): GroupStateRecord {
    return {
      fields: this.fields,
      window: this.window.snapshot(),
      past: this.past?.snapshot(),
      lastAlertAt: this.lastAlertAt,
      touched: this.touched,
    }
  }

  static restore(shape: WindowShape, record: GroupStateRecord, idOf: (id: string) => number): GroupState {
    const state = new GroupState(record.fields, shape)
    state.window = SlidingWindow.restore(shape, record.window, idOf)
    state.past = record.past && SlidingWindow.restore(shape, record.past, idOf)
    state.lastAlertAt = record.lastAlertAt
    state.touched = record.touched
    return state
  }
}
