/** Compares by (judged time, id). */
export interface Place {
  time: number
  id: string
}

export interface Waiting<T> extends Place {
  key: string
  /** log-append time where it came from */
  receivedAt: number
  item: T
}

export interface Released<T> extends Waiting<T> {
  /** it came late: after this, the last one of its key that was released in order */
  behind?: Place
}

interface KeyState<T> {
  waiting: Waiting<T>[]
  /** the last one released in order */
  last?: Place
  touched: Touch[]
}

/** A key's order is remembered for as long after a moment as any of these rules reaches back; absent: any rule at all. */
interface Touch {
  rules?: readonly string[]
  at: number
}

/** Of a partition of origin: the highest offset seen, and under which keys, to tell what was sent on twice. */
interface Origin {
  offset: number
  keys: string[]
}

export interface BufferRecord<T> {
  waiting: Waiting<T>[]
  order?: [key: string, last: Place | undefined, touched: Touch[]][]
  /** of snapshots of 0.1.0, which had no `order` */
  keys?: [key: string, last: Place | undefined, touched: number][]
  /** absent in snapshots of 0.1.0 */
  origins?: [partition: number, Origin][]
}

/** More than this many are not kept waiting: a tenth of them goes on early. */
export const MAX_WAITING = 40_000
/**
 * What happened at one moment may be told to us so far apart, by us at once and by outside systems later, and finds the same
 * windows all the same.
 */
export const TOLD_APART_MS = 3_600_000

/** Up to when something may be told that belongs to the same moment, or is judged at the same place. */
export const touchedUntil = (receivedAt: number, judgedAt: number): number =>
  Math.max(receivedAt, judgedAt) + TOLD_APART_MS

/**
 * Puts records in order of (time, id) within their key. A record is released once the log says that everything received
 * before it is here (see horizon.ts), and before the time that it tells: what is released, and in which order, depends on
 * the log alone, not on how far behind one partition of origin is, nor on whose clock is ahead of ours.
 */
export class ReleaseBuffer<T> {
  private readonly keys = new Map<string, KeyState<T>>()
  private readonly held = new Set<Waiting<T>>()
  private readonly origins = new Map<number, Origin>()

  constructor(private readonly mostWaiting = MAX_WAITING) {}

  /** everything that is due once all that was received before `horizon` is here */
  advance(horizon: number): Released<T>[] {
    const lastDue = new Map<KeyState<T>, Waiting<T>>()
    for (const record of this.held) {
      if (dueAt(record) >= horizon) continue
      const state = this.stateOf(record.key)
      const known = lastDue.get(state)
      if (!known || before(known, record)) lastDue.set(state, record)
    }
    return [...lastDue].flatMap(([state, due]) => this.releaseUpTo(state, due)).sort(inOrder)
  }

  /** the oldest ones, where too many wait */
  relieve(): Released<T>[] {
    if (this.held.size <= this.mostWaiting) return []
    const oldest = [...this.held].map(dueAt).sort((a, b) => a - b)
    return this.advance((oldest[Math.ceil(this.mostWaiting / 10)] ?? 0) + 1)
  }

  /**
   * Takes a record; returns it when it is late and must be judged at once. `origin` tells what was sent on twice. The order of
   * its key is remembered for as long as `rules` reach from the last moment that something may be told of where it is judged.
   */
  add(
    record: Waiting<T>,
    origin: { partition: number; offset: number },
    rules: readonly string[],
  ): Released<T> | undefined {
    if (this.isKnown(record.key, origin)) return undefined
    const state = this.stateOf(record.key)
    const behind = state.last && !before(state.last, record) ? state.last : undefined
    touch(state, { rules, at: touchedUntil(record.receivedAt, (behind ?? record).time) })
    if (behind) return { ...record, behind }
    this.enter(record, state)
    return undefined
  }

  /** the key of something that waits */
  waiting(): string | undefined {
    const [first] = this.held
    return first?.key
  }

  /**
   * Forgets the order of keys that have been silent for so long that nothing which comes can depend on it: as far as rules reach
   * that are in force now, by which what waited until now is judged.
   */
  sweep(horizon: number, reachMs: (rules?: readonly string[]) => number): void {
    for (const [key, state] of this.keys) {
      if (state.waiting.length) continue
      state.touched = state.touched.filter(({ rules, at }) => horizon <= at + reachMs(rules))
      if (!state.touched.length) this.keys.delete(key)
    }
  }

  snapshot(): BufferRecord<T> {
    return {
      waiting: [...this.held],
      order: [...this.keys].map(([key, { last, touched }]) => [key, last, touched]),
      origins: [...this.origins],
    }
  }

  restore({ waiting, keys = [], order, origins = [] }: BufferRecord<T>): void {
    order ??= keys.map(([key, last, at]) => [key, last, [{ at: touchedUntil(at, last?.time ?? at) }]])
    for (const [key, last, touched] of order) this.keys.set(key, { waiting: [], last: last ?? undefined, touched })
    for (const [partition, origin] of origins) this.origins.set(partition, origin)
    for (const record of waiting) this.enter(record, this.stateOf(record.key))
  }

  /** Whoever sends on a second time, after a crash, begins at an earlier offset and goes through them in the same order. */
  private isKnown(key: string, { partition, offset }: { partition: number; offset: number }): boolean {
    const origin = this.origins.get(partition)
    if (!origin || offset > origin.offset) {
      this.origins.set(partition, { offset, keys: [key] })
      return false
    }
    if (offset < origin.offset || origin.keys.includes(key)) return true
    origin.keys.push(key)
    return false
  }

  private enter(record: Waiting<T>, state: KeyState<T>): void {
    let at = state.waiting.length
    while (at > 0 && before(record, state.waiting[at - 1] as Place)) at--
    state.waiting.splice(at, 0, record)
    this.held.add(record)
  }

  private releaseUpTo(state: KeyState<T>, due: Waiting<T>): Released<T>[] {
    const released = state.waiting.splice(0, state.waiting.indexOf(due) + 1)
    for (const record of released) this.held.delete(record)
    state.last = { time: due.time, id: due.id }
    return released
  }

  private stateOf(key: string): KeyState<T> {
    let state = this.keys.get(key)
    if (!state) this.keys.set(key, (state = { waiting: [], touched: [] }))
    return state
  }
}

/** Everything received before it must be here then: what tells a time that has not come waits until it has. */
const dueAt = ({ receivedAt, time }: Waiting<unknown>): number => Math.max(receivedAt, time)

const touch = ({ touched }: KeyState<unknown>, { rules, at }: Touch): void => {
  const known = touched.find(
    (one) => one.rules?.length === rules?.length && rules?.every((rule, i) => rule === one.rules?.[i]),
  )
  if (known) known.at = Math.max(known.at, at)
  else touched.push({ rules, at })
}

const before = (a: Place, b: Place): boolean => a.time < b.time || (a.time === b.time && a.id < b.id)
const inOrder = (a: Waiting<unknown>, b: Waiting<unknown>): number =>
  before(a, b) ? -1 : before(b, a) ? 1 : a.key < b.key ? -1 : 1
