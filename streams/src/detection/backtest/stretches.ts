import type { AuditStore, QueryOptions } from '../../audit-store/index.js'
import { dateTime, type Reading } from './reading.js'
import { isTooMuch } from './too-large.js'

/** So many events are asked about in one statement: less than half of what its memory is enough for, with any shipped rule. */
export const eventsAtOnce = 1_000_000

/** A part of a reading: windows that end in [since, to) are read whole, from `start` on. */
export interface Stretch {
  start: number
  since: number
  to: number
}

const hourMs = 3_600_000
const leastMs = 60_000

/** Where stretches end, so that none has many more events than that: by the hour, and an hour that has more in equal parts. */
export const endsOf = async (
  store: AuditStore,
  { start, to }: Reading,
  most: number,
  options: QueryOptions,
): Promise<number[]> => {
  const hours = await store.query<{ hour: number; events: number }>(
    `SELECT intDiv(toUnixTimestamp64Milli(time), ${hourMs}) AS hour, count() AS events FROM access_events
WHERE time >= {start:DateTime64(3, 'UTC')} AND time < {to:DateTime64(3, 'UTC')} GROUP BY hour ORDER BY hour`,
    { start: dateTime(start), to: dateTime(to) },
    options,
  )
  const ends: number[] = []
  let events = 0
  for (const { hour, events: more } of hours) {
    if (events + more > most && events > 0) {
      ends.push(hour * hourMs)
      events = 0
    }
    const parts = Math.ceil(more / most)
    for (let part = 1; part < parts; part++) ends.push(Math.round((hour + part / parts) * hourMs))
    events += more / parts
  }
  return ends
}

/**
 * Asks about one stretch after the other. One that is too much for a statement is asked about in halves, and so are those that
 * come; not for ever, because a stretch is read with the windows that reach back from it.
 */
export const eachStretch = async (
  { start, to, whole }: Reading,
  lookbackMs: number,
  ends: readonly number[],
  ask: (stretch: Stretch) => Promise<void>,
): Promise<void> => {
  let since = whole ? start : start + lookbackMs
  let left = [...ends.filter((end) => end > since && end < to), to]
  for (let end = left[0]; end !== undefined; end = left[0])
    try {
      await ask({ start: Math.max(start, since - lookbackMs), since, to: end })
      since = end
      left = left.slice(1)
    } catch (error) {
      if (!isTooMuch(error) || end - since < 2 * Math.max(leastMs, lookbackMs / 8)) throw error
      left = halved(since, left)
    }
}

const halved = (since: number, ends: readonly number[]): number[] =>
  ends.flatMap((end, i) => {
    const from = ends[i - 1] ?? since
    return [Math.round((from + end) / 2), end].filter((one) => one > from)
  })
