import { type Entry, type EntryPool, NO_ENTRY } from './entry-pool.js'
import type { EntryValue } from './entry-pool.js'

/** What a window's entries come to. */
export interface Totals {
  /** its own among the windows of its rule */
  readonly number: number
  count: number
  sum: number
  fractions: number
  different: number
  /** oldest first */
  entries(): readonly Entry[]
}

/** The running result over a rule's windows. It is kept, so that an event costs the same whether it is the tenth or the thousandth. */
export interface Aggregate {
  add(window: Totals, value: number): void
  /** any value that was added */
  remove(window: Totals, value: number): void
  /** undefined: nothing to compare yet */
  value(window: Totals): number | undefined
  /** what it takes beside the entries */
  bytes?(): number
}

/** How the windows of one rule are, and where their entries are kept. */
export interface WindowShape {
  spanMs: number
  /** how long entries stay beyond the span, so that an event that comes late still finds its whole window */
  graceMs: number
  /** a fuller window forgets its oldest entries */
  maxEntries: number
  aggregate: Aggregate
  pool: EntryPool
}

/** What a window of the running system holds. Limits above it do not load. */
export const MAX_ENTRIES = 10_000

export type WindowState = [time: number, id: string, value: EntryValue][]

/**
 * A sliding window over one group's entries: [t - span, t], both ends included, ending at the event that is judged.
 * Entries come in order of time, or late; what stays depends on the entries alone, never on when anybody looked.
 */
export class SlidingWindow implements Totals {
  readonly number: number
  /** of the entries from `start` on */
  count = 0
  sum = 0
  fractions = 0
  different = 0
  /** the list of entries in order of time: the first one still kept, the first one that the totals are over, the last one */
  private head = NO_ENTRY
  private start = NO_ENTRY
  private tail = NO_ENTRY
  /** how many are kept before `start` */
  private behind = 0
  /** newest moment that the totals were asked for, where that was after the last entry */
  private slidTo?: number

  constructor(private readonly shape: WindowShape) {
    this.number = shape.pool.newWindow()
  }

  /** whether a window that ends at `time` could still be whole: false for what comes later than the grace */
  reaches(time: number): boolean {
    return this.tail === NO_ENTRY || time >= this.newest() - this.shape.graceMs
  }

  /** `id` and `value` are numbers of the pool's memory */
  insert(time: number, id: number, value: number): void {
    const { pool, aggregate, maxEntries } = this.shape
    const entry = pool.add(time, id, value)
    if (this.tail === NO_ENTRY || time >= this.newest()) {
      this.expire(time)
      if (this.tail === NO_ENTRY) this.head = entry
      else pool.link(this.tail, entry)
      if (this.start === NO_ENTRY) this.start = entry
      this.tail = entry
      if (this.slidTo !== undefined && time >= this.slidTo) this.slidTo = undefined
      this.count++
      aggregate.add(this, value)
    } else this.insertLate(time, entry)
    if (this.behind + this.count > maxEntries) this.forgetOldest()
    this.compact()
  }

  /** the value of the window that ends at `time`, over what was inserted so far */
  valueAt(time: number): number | undefined {
    if (this.tail !== NO_ENTRY && time < (this.slidTo ?? this.newest())) return this.measure(time)
    this.slideTo(time)
    return this.shape.aggregate.value(this)
  }

  /** what the value would be with these as well, at a time that is not before the newest entry; nothing is kept */
  peek(added: readonly Entry[], time: number): number | undefined {
    const { aggregate, pool } = this.shape
    this.slideTo(time)
    const values = added.map(({ value }) => pool.numberOf(value))
    const { number, count, sum, fractions, different } = this
    const entries = (): Entry[] => [...this.entries(), ...added]
    const totals = { number, count: count + values.length, sum, fractions, different, entries }
    for (const value of values) aggregate.add(totals, value)
    const result = aggregate.value(totals)
    for (const value of values) aggregate.remove(totals, value)
    return result
  }

  /** the entries of the window that ends at `time` */
  between(time: number): Entry[] {
    return this.placesAt(time).map((entry) => this.shape.pool.entry(entry))
  }

  /** true when the window that ends at `time` can take no more without forgetting */
  isFullAt(time: number): boolean {
    this.slideTo(time)
    return this.count >= this.shape.maxEntries
  }

  /** gives back what it holds; it is not used any more */
  clear(): void {
    const { pool, aggregate } = this.shape
    for (let at = this.start; at !== NO_ENTRY; at = pool.next(at)) aggregate.remove(this, pool.value(at))
    for (let at = this.head; at !== NO_ENTRY;) {
      const next = pool.next(at)
      pool.drop(at)
      at = next
    }
    this.head = this.start = this.tail = NO_ENTRY
  }

  snapshot(): WindowState {
    return this.list(this.head).map(({ time, id, value }) => [time, id, value])
  }

  static restore(shape: WindowShape, state: WindowState, idOf: (id: string) => number): SlidingWindow {
    const window = new SlidingWindow(shape)
    for (const [time, id, value] of state) window.insert(time, idOf(id), shape.pool.numberOf(value))
    return window
  }

  entries(): Entry[] {
    return this.list(this.start)
  }

  private newest(): number {
    return this.shape.pool.time(this.tail)
  }

  private list(from: number): Entry[] {
    const { pool } = this.shape
    const entries: Entry[] = []
    for (let at = from; at !== NO_ENTRY; at = pool.next(at)) entries.push(pool.entry(at))
    return entries
  }

  private slideTo(time: number): void {
    if (this.tail === NO_ENTRY || time > (this.slidTo ?? this.newest())) this.slidTo = time
    this.expire(time)
  }

  private expire(time: number): void {
    const { pool, aggregate, spanMs } = this.shape
    const from = time - spanMs
    while (this.start !== NO_ENTRY && pool.time(this.start) < from) {
      this.count--
      this.behind++
      aggregate.remove(this, pool.value(this.start))
      this.start = pool.next(this.start)
    }
  }

  /** after its equals, so that entries of one moment keep their order of arrival */
  private insertLate(time: number, entry: number): void {
    const { pool, aggregate } = this.shape
    const isAfterStart = this.start !== NO_ENTRY && time >= pool.time(this.start)
    let place = isAfterStart ? this.behind : 0
    let before = NO_ENTRY
    for (let at = isAfterStart ? this.start : this.head; pool.time(at) <= time; at = pool.next(at)) {
      before = at
      place++
    }
    const next = before === NO_ENTRY ? this.head : pool.next(before)
    pool.link(entry, next)
    if (before === NO_ENTRY) this.head = entry
    else pool.link(before, entry)
    if (place < this.behind) return void this.behind++
    if (next === this.start) this.start = entry
    this.count++
    aggregate.add(this, pool.value(entry))
  }

  /** the value of a window that ends before the newest entry */
  private measure(time: number): number | undefined {
    const { pool, aggregate } = this.shape
    const places = this.placesAt(time)
    const entries = (): Entry[] => places.map((place) => pool.entry(place))
    const totals = { number: pool.newWindow(), count: places.length, sum: 0, fractions: 0, different: 0, entries }
    for (const place of places) aggregate.add(totals, pool.value(place))
    const value = aggregate.value(totals)
    for (const place of places) aggregate.remove(totals, pool.value(place))
    return value
  }

  private placesAt(time: number): number[] {
    const { pool, spanMs } = this.shape
    const from = time - spanMs
    const places: number[] = []
    const isAfterStart = this.start !== NO_ENTRY && from >= pool.time(this.start)
    for (let at = isAfterStart ? this.start : this.head; at !== NO_ENTRY; at = pool.next(at)) {
      const when = pool.time(at)
      if (when > time) break
      if (when >= from) places.push(at)
    }
    return places
  }

  private forgetOldest(): void {
    const { pool, aggregate } = this.shape
    const oldest = this.head
    this.head = pool.next(oldest)
    if (oldest === this.start) {
      this.count--
      aggregate.remove(this, pool.value(oldest))
      this.start = this.head
    } else this.behind--
    pool.drop(oldest)
  }

  /** drops what no window, not even a late one's, can reach any more */
  private compact(): void {
    const { pool, spanMs, graceMs } = this.shape
    const oldest = this.newest() - spanMs - graceMs
    while (this.head !== this.start && pool.time(this.head) < oldest) {
      const dropped = this.head
      this.head = pool.next(dropped)
      this.behind--
      pool.drop(dropped)
    }
  }
}
