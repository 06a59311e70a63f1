/** Compares by (judged time, id). */
export interface Place {
  time: number
  id: string
}

export interface Waiting<T> extends Place {
  key: string
  appendedAt: number
  item: T
}

export interface Released<T> extends Waiting<T> {
  /** came after something later of the same key had been released */
  late: boolean
}

interface KeyState<T> {
  waiting: Waiting<T>[]
  /** the last one released in order */
  last?: Place
  /** partition of origin → highest offset seen, to tell what was sent on twice */
  seen: Record<string, number>
  touched: number
}

export interface BufferRecord<T> {
  waiting: Waiting<T>[]
  keys: [key: string, last: Place | undefined, seen: Record<string, number>, touched: number][]
}

/** How long a record waits for what belongs before it. */
export const WAIT_MS = 1500
/** More than this many are not kept waiting: the oldest goes on early. */
export const MAX_WAITING = 20_000
/** How long the order of a silent key is remembered. */
const REMEMBER_MS = 3_600_000

/**
 * Puts records in order of (time, id) within their key. A record is released when something was appended at least WAIT_MS
 * after it: what is released, and in which order, depends on the log alone.
 */
export class ReleaseBuffer<T> {
  private readonly keys = new Map<string, KeyState<T>>()
  /** in order of appending; those that went ahead with a later one are skipped */
  private queue: Waiting<T>[] = []
  private readonly held = new Set<Waiting<T>>()

  /** everything that is due once something was appended at `appendedAt` */
  advance(appendedAt: number): Released<T>[] {
    const released: Released<T>[] = []
    for (let first = this.first(); first; first = this.first()) {
      if (first.appendedAt + WAIT_MS > appendedAt && this.held.size <= MAX_WAITING) break
      released.push(...this.releaseUpTo(first))
    }
    return released
  }

  /** takes a record; returns it when it is late and must be judged at once. `origin` tells what was sent on twice. */
  add(record: Waiting<T>, origin: { partition: number; offset: number }): Released<T> | undefined {
    const state = this.stateOf(record.key)
    if (origin.offset <= (state.seen[origin.partition] ?? -1)) return undefined
    state.seen[origin.partition] = origin.offset
    state.touched = record.appendedAt
    if (state.last && before(record, state.last)) return { ...record, late: true }
    this.enter(record, state)
    return undefined
  }

  /** the record that has waited longest */
  first(): Waiting<T> | undefined {
    while (this.queue.length && !this.held.has(this.queue[0] as Waiting<T>)) this.queue.shift()
    return this.queue[0]
  }

  sweep(appendedAt: number): void {
    for (const [key, state] of this.keys)
      if (!state.waiting.length && appendedAt - state.touched > REMEMBER_MS) this.keys.delete(key)
  }

  snapshot(): BufferRecord<T> {
    return {
      waiting: this.queue.filter((record) => this.held.has(record)),
      keys: [...this.keys].map(([key, { last, seen, touched }]) => [key, last, seen, touched]),
    }
  }

  restore({ waiting, keys }: BufferRecord<T>): void {
    for (const [key, last, seen, touched] of keys)
      this.keys.set(key, { waiting: [], last: last ?? undefined, seen, touched })
    for (const record of waiting) this.enter(record, this.stateOf(record.key))
  }

  private enter(record: Waiting<T>, state: KeyState<T>): void {
    let at = state.waiting.length
    while (at > 0 && before(record, state.waiting[at - 1] as Place)) at--
    state.waiting.splice(at, 0, record)
    this.queue.push(record)
    this.held.add(record)
  }

  private releaseUpTo(due: Waiting<T>): Released<T>[] {
    const state = this.stateOf(due.key)
    const released = state.waiting.splice(0, state.waiting.indexOf(due) + 1)
    for (const record of released) this.held.delete(record)
    state.last = { time: due.time, id: due.id }
    return released.map((record) => ({ ...record, late: false }))
  }

  private stateOf(key: string): KeyState<T> {
    let state = this.keys.get(key)
    if (!state) this.keys.set(key, (state = { waiting: [], seen: {}, touched: 0 }))
    return state
  }
}

const before = (a: Place, b: Place): boolean => a.time < b.time || (a.time === b.time && a.id < b.id)
