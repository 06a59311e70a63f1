/** What one entry adds to its window: a number to add up, a text to tell apart, a rule that was seen, or just itself. */
export type EntryValue = string | number | null

/** One thing counted: when, by which event, and what it adds. */
export interface Entry {
  time: number
  id: string
  value: EntryValue
}

/** The running result over a window. It is kept, so that an event costs the same whether it is the tenth or the thousandth. */
export interface Aggregate {
  add(entry: Entry): void
  /** any entry that was added */
  remove(entry: Entry): void
  /** undefined: nothing to compare yet. `entries` are those of the window, oldest first. */
  value(entries: () => readonly Entry[]): number | undefined
}

export interface WindowShape {
  spanMs: number
  /** how long entries stay beyond the span, so that an event that comes late still finds its whole window */
  graceMs: number
  /** a fuller window forgets its oldest entries */
  maxEntries: number
  aggregate: () => Aggregate
}

/** What a window of the running system holds. Limits above it do not load. */
export const MAX_ENTRIES = 10_000

export type WindowState = [time: number, id: string, value: EntryValue][]

/**
 * A sliding window over one group's entries: [t - span, t], both ends included, ending at the event that is judged.
 * Entries come in order of time, or late; what stays depends on the entries alone, never on when anybody looked.
 */
export class SlidingWindow {
  private entries: Entry[] = []
  /** first entry still kept, and first entry of the window that the aggregate is over */
  private kept = 0
  private start = 0
  /** newest moment that the aggregate was asked for */
  private slidTo = -Infinity
  private readonly running: Aggregate

  constructor(private readonly shape: WindowShape) {
    this.running = shape.aggregate()
  }

  /** whether a window that ends at `time` could still be whole: false for what comes later than the grace */
  reaches(time: number): boolean {
    const newest = this.entries.at(-1)
    return !newest || time >= newest.time - this.shape.graceMs
  }

  insert(entry: Entry): void {
    const newest = this.entries.at(-1)
    if (!newest || entry.time >= newest.time) {
      this.slideTo(entry.time)
      this.entries.push(entry)
      this.running.add(entry)
    } else this.insertLate(entry)
    if (this.entries.length - this.kept > this.shape.maxEntries) this.forgetOldest()
    this.compact()
  }

  /** the value of the window that ends at `time`, over what was inserted so far */
  valueAt(time: number): number | undefined {
    if (time < Math.max(this.slidTo, this.entries.at(-1)?.time ?? time)) return this.measure(this.between(time))
    this.slideTo(time)
    return this.running.value(() => this.entries.slice(this.start))
  }

  /** what the value would be with these entries, which must not be older than the newest one; nothing is kept */
  peek(entries: readonly Entry[], time: number): number | undefined {
    this.slideTo(time)
    for (const entry of entries) this.running.add(entry)
    const value = this.running.value(() => [...this.entries.slice(this.start), ...entries])
    for (const entry of entries) this.running.remove(entry)
    return value
  }

  /** the entries of the window that ends at `time` */
  between(time: number): Entry[] {
    const from = this.firstAtOrAfter(time - this.shape.spanMs)
    const to = this.firstAtOrAfter(time + 1)
    return this.entries.slice(Math.max(from, this.kept), to)
  }

  /** true when the window that ends at `time` can take no more without forgetting */
  isFullAt(time: number): boolean {
    this.slideTo(time)
    return this.entries.length - this.start >= this.shape.maxEntries
  }

  snapshot(): WindowState {
    return this.entries.slice(this.kept).map(({ time, id, value }) => [time, id, value])
  }

  static restore(shape: WindowShape, state: WindowState): SlidingWindow {
    const window = new SlidingWindow(shape)
    for (const [time, id, value] of state) window.insert({ time, id, value })
    return window
  }

  private slideTo(time: number): void {
    this.slidTo = Math.max(this.slidTo, time)
    const from = time - this.shape.spanMs
    for (let entry = this.entries[this.start]; entry && entry.time < from; entry = this.entries[++this.start])
      this.running.remove(entry)
  }

  /** after its equals, so that entries of one moment keep their order of arrival */
  private insertLate(entry: Entry): void {
    const at = Math.max(this.firstAtOrAfter(entry.time + 1), this.kept)
    this.entries.splice(at, 0, entry)
    if (at < this.start) this.start++
    else this.running.add(entry)
  }

  private forgetOldest(): void {
    const oldest = this.entries[this.kept] as Entry
    if (this.kept === this.start) {
      this.running.remove(oldest)
      this.start++
    }
    this.kept++
  }

  /** drops what no window, not even a late one's, can reach any more */
  private compact(): void {
    const newest = this.entries.at(-1)
    if (!newest) return
    const oldest = newest.time - this.shape.spanMs - this.shape.graceMs
    while (this.kept < this.start && (this.entries[this.kept] as Entry).time < oldest) this.kept++
    if (this.kept < 64 || this.kept * 2 < this.entries.length) return
    this.entries = this.entries.slice(this.kept)
    this.start -= this.kept
    this.kept = 0
  }

  private measure(entries: Entry[]): number | undefined {
    const aggregate = this.shape.aggregate()
    for (const entry of entries) aggregate.add(entry)
    return aggregate.value(() => entries)
  }

  private firstAtOrAfter(time: number): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.entries[middle] as Entry).time < time) low = middle + 1
      else high = middle
    }
    return low
  }
}
