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
  add(value: EntryValue): void
  /** any value that was added */
  remove(value: EntryValue): void
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
  /** entries in order of time, a list for each of their parts: an object each would cost more than what is in it */
  private times: number[] = []
  private ids: string[] = []
  private values: EntryValue[] = []
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
    return this.times.length === 0 || time >= this.newest() - this.shape.graceMs
  }

  insert(time: number, id: string, value: EntryValue): void {
    if (this.times.length === 0 || time >= this.newest()) {
      this.slideTo(time)
      this.times.push(time)
      this.ids.push(id)
      this.values.push(value)
      this.running.add(value)
    } else this.insertLate(time, id, value)
    if (this.times.length - this.kept > this.shape.maxEntries) this.forgetOldest()
    this.compact()
  }

  /** the value of the window that ends at `time`, over what was inserted so far */
  valueAt(time: number): number | undefined {
    if (time < this.slidTo || (this.times.length > 0 && time < this.newest())) return this.measure(this.between(time))
    this.slideTo(time)
    return this.running.value(() => this.entries(this.start, this.times.length))
  }

  /** what the value would be with these entries, which must not be older than the newest one; nothing is kept */
  peek(entries: readonly Entry[], time: number): number | undefined {
    this.slideTo(time)
    for (const { value } of entries) this.running.add(value)
    const value = this.running.value(() => [...this.entries(this.start, this.times.length), ...entries])
    for (const { value } of entries) this.running.remove(value)
    return value
  }

  /** the entries of the window that ends at `time` */
  between(time: number): Entry[] {
    const from = this.firstAtOrAfter(time - this.shape.spanMs)
    const to = this.firstAfter(time)
    return this.entries(Math.max(from, this.kept), to)
  }

  /** true when the window that ends at `time` can take no more without forgetting */
  isFullAt(time: number): boolean {
    this.slideTo(time)
    return this.times.length - this.start >= this.shape.maxEntries
  }

  snapshot(): WindowState {
    return this.entries(this.kept, this.times.length).map(({ time, id, value }) => [time, id, value])
  }

  static restore(shape: WindowShape, state: WindowState): SlidingWindow {
    const window = new SlidingWindow(shape)
    for (const [time, id, value] of state) window.insert(time, id, value)
    return window
  }

  private newest(): number {
    return this.times[this.times.length - 1] as number
  }

  private entries(from: number, to: number): Entry[] {
    const entries: Entry[] = []
    for (let at = from; at < to; at++)
      entries.push({ time: this.times[at] as number, id: this.ids[at] as string, value: this.values[at] as EntryValue })
    return entries
  }

  private slideTo(time: number): void {
    if (time > this.slidTo) this.slidTo = time
    const from = time - this.shape.spanMs
    const { times } = this
    while (this.start < times.length && (times[this.start] as number) < from)
      this.running.remove(this.values[this.start++] as EntryValue)
  }

  /** after its equals, so that entries of one moment keep their order of arrival */
  private insertLate(time: number, id: string, value: EntryValue): void {
    const at = Math.max(this.firstAfter(time), this.kept)
    this.times.splice(at, 0, time)
    this.ids.splice(at, 0, id)
    this.values.splice(at, 0, value)
    if (at < this.start) this.start++
    else this.running.add(value)
  }

  private forgetOldest(): void {
    if (this.kept === this.start) this.running.remove(this.values[this.start++] as EntryValue)
    this.kept++
  }

  /** drops what no window, not even a late one's, can reach any more */
  private compact(): void {
    const oldest = this.newest() - this.shape.spanMs - this.shape.graceMs
    while (this.kept < this.start && (this.times[this.kept] as number) < oldest) this.kept++
    if (this.kept < 64 || this.kept * 2 < this.times.length) return
    this.times = this.times.slice(this.kept)
    this.ids = this.ids.slice(this.kept)
    this.values = this.values.slice(this.kept)
    this.start -= this.kept
    this.kept = 0
  }

  private measure(entries: Entry[]): number | undefined {
    const aggregate = this.shape.aggregate()
    for (const { value } of entries) aggregate.add(value)
    return aggregate.value(() => entries)
  }

  private firstAtOrAfter(time: number): number {
    return this.first((other) => other >= time)
  }

  private firstAfter(time: number): number {
    return this.first((other) => other > time)
  }

  /** the first entry whose time passes; those of all later ones do too */
  private first(passes: (time: number) => boolean): number {
    let low = 0
    let high = this.times.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (passes(this.times[middle] as number)) high = middle
      else low = middle + 1
    }
    return low
  }
}
