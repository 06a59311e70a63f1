import type { Alert, EventRow } from '@custodia/contracts'

type Counted = Pick<Alert, 'counted' | 'limit' | 'window_seconds' | 'event_id'>

const wasServed = ({ final_outcome }: EventRow): boolean => final_outcome === 'granted' || final_outcome === 'allowed'

const valueOf = (event: EventRow, fields: readonly string[]): string =>
  JSON.stringify(fields.map((field) => (event as Record<string, unknown>)[field]))

/** As the rule counts: events, different values, or a sum; undefined where it counts otherwise. */
export function countOf({ counted }: Pick<Alert, 'counted'>, events: readonly EventRow[]): number | undefined {
  const [field = ''] = counted?.fields ?? []
  if (counted?.type === 'event_count') return events.length
  if (counted?.type === 'value_count') return new Set(events.map((event) => valueOf(event, counted.fields))).size
  if (counted?.type !== 'value_sum') return undefined
  const values = events.map((event) => (event as Record<string, unknown>)[field])
  return values.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0)
}

/** What was served of what was counted; where the rule counts what failed, there is no such thing. */
export function servedOf(alert: Counted, events: readonly EventRow[]): number | undefined {
  const served = events.filter(wasServed)
  return served.length ? countOf(alert, served) : undefined
}

/** Seconds from the first to the last. */
export function secondsOf(events: readonly EventRow[]): number | undefined {
  const times = events.map(({ time }) => Date.parse(time))
  return times.length > 1 ? Math.round((Math.max(...times) - Math.min(...times)) / 1000) : undefined
}

/**
 * From when on the same access would have passed: once so many of the others have left the window that with it the limit is
 * not passed. Windows reach back by the timespan, both ends included. `events`: everything that was counted.
 */
export function passesAt(alert: Counted, events: readonly EventRow[]): string | undefined {
  const { limit, window_seconds, event_id } = alert
  const fired = events.find(({ id }) => id === event_id)
  if (limit === undefined || !window_seconds || !fired) return undefined
  const others = events.filter((event) => event !== fired).sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
  for (const [n, last] of others.entries()) {
    const count = countOf(alert, [...others.slice(n + 1), fired])
    if (count === undefined) return undefined
    if (count <= limit) return new Date(Date.parse(last.time) + window_seconds * 1000 + 1).toISOString()
  }
  return undefined
}

/** The middle one; of an even number the mean of both in the middle. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}
