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
  /** a fuller window forgets its oldest entries */
  maxEntries: number
  aggregate: Aggregate
  pool: EntryPool
}

/** What a window of the running system holds. Limits above it do not load. */
export const MAX_ENTRIES = 10_000

export type WindowState = [time: number, id: string, value: EntryValue][]

/**
 * A sliding window over one group's entries: [t - span, t], both ends included, ending at the event that is judged. It is
 * told of everything, and asked about everything, in order of time: what is too old for one moment is too old for the rest.
 */
export class SlidingWindow implements Totals {
  readonly number: number
  count = 0
  sum = 0
  fractions = 0
  different = 0
  /** the list of entries in order of time: the first one and the last one */
  private head = NO_ENTRY
  private tail = NO_ENTRY
  /** up to this moment something is missing: what was forgotten because the window was full, or what rests upon such a one */
  cutUntil?: number

  constructor(private readonly shape: WindowShape) {
    this.number = shape.pool.newWindow()
  }

  /** `id` and `value` are numbers of the pool's memory */
  insert(time: number, id: number, value: number): void {
    const { pool, aggregate, maxEntries } = this.shape
    const entry = pool.add(time, id, value)
    this.slideTo(time)
    if (this.tail === NO_ENTRY) this.head = entry
    else pool.link(this.tail, entry)
    this.tail = entry
    this.count++
    aggregate.add(this, value)
    if (this.count > maxEntries) this.forgetOldest()
  }

  /** the value of the window that ends at `time` */
  valueAt(time: number): number | undefined {
    this.slideTo(time)
    return this.shape.aggregate.value(this)
  }

  /** what the value would be with these as well; nothing is kept */
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
  entriesAt(time: number): Entry[] {
    this.slideTo(time)
    return this.entries()
  }

  /**
   * The ids of the window that ends at `time`, each event's once: what one event adds stands together. Events that have the
   * same id are counted each, and so told each, as long as the memory has a number for each of them.
   */
  idsAt(time: number): string[] {
    const { pool } = this.shape
    this.slideTo(time)
    const ids: string[] = []
    let last: number | undefined
    for (let at = this.head; at !== NO_ENTRY; at = pool.next(at)) {
      if (pool.id(at) !== last) ids.push(pool.entry(at).id)
      last = pool.id(at)
    }
    return ids
  }

  /** true when the window that ends at `time` can take no more without forgetting */
  isFullAt(time: number): boolean {
    this.slideTo(time)
    return this.count >= this.shape.maxEntries
  }

  /** true when the window that ends at `time` may not be whole */
  isCutAt(time: number): boolean {
    return this.cutUntil !== undefined && this.cutUntil >= time - this.shape.spanMs
  }

  /** something of this moment is not known */
  cut(time: number): void {
    this.cutUntil = Math.max(this.cutUntil ?? time, time)
  }

  /** gives back what it holds; it is not used any more */
  clear(): void {
    while (this.head !== NO_ENTRY) this.dropOldest()
  }

  snapshot(): WindowState {
    return this.entries().map(({ time, id, value }) => [time, id, value])
  }

  static restore(
    shape: WindowShape,
    state: WindowState,
    idOf: (id: string) => number,
    cutUntil?: number,
  ): SlidingWindow {
    const window = new SlidingWindow(shape)
    window.cutUntil = cutUntil
    for (const [time, id, value] of state) window.insert(time, idOf(id), shape.pool.numberOf(value))
    return window
  }

  entries(): Entry[] {
    const { pool } = this.shape
    const entries: Entry[] = []
    for (let at = this.head; at !== NO_ENTRY; at = pool.next(at)) entries.push(pool.entry(at))
    return entries
  }

  private slideTo(time: number): void {
    const { pool, spanMs } = this.shape
    const from = time - spanMs
    while (this.head !== NO_ENTRY && pool.time(this.head) < from) this.dropOldest()
  }

  private forgetOldest(): void {
    const { pool } = this.shape
    this.cut(pool.time(this.head))
    pool.forgotten++
    this.dropOldest()
  }

  private dropOldest(): void {
    const { pool, aggregate } = this.shape
    const oldest = this.head
    this.count--
    aggregate.remove(this, pool.value(oldest))
    this.head = pool.next(oldest)
    if (this.head === NO_ENTRY) this.tail = NO_ENTRY
    pool.drop(oldest)
  }
}
