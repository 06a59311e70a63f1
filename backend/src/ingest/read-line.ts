import { AccessEvent } from '@custodia/contracts'
import { parseExact } from '@custodia/streams/detection'
import { DateTime } from 'luxon'
import { applyMapping, type Mapping } from './mapping.js'

/** Why a line was not kept. Codes are stable. */
export type LineProblem = { code: 'not_json' | 'no_id' | 'no_time' | 'future_time' | 'invalid_event'; reason: string }

const mostFutureMs = 5 * 60_000

/** One line of an outside system → an access event of that source. Pure: the clock is an argument. */
export function readLine(
  line: string,
  source: string,
  mapping: Mapping,
  now: number,
): { event: AccessEvent } | { problem: LineProblem } {
  const theirs = jsonObject(line)
  if (!theirs) return bad('not_json', 'The line is not one JSON object.')
  const ours = applyMapping(mapping, theirs)
  if (typeof ours.id !== 'string' && typeof ours.id !== 'number')
    return bad('no_id', 'The event has no id: without one a repeat cannot be told from a second event.')
  const time = timeOf(ours.time)
  if (time === undefined)
    return bad('no_time', 'The event has no time, or not as ISO 8601 or as seconds or milliseconds since 1970.')
  if (time > now + mostFutureMs)
    return bad('future_time', 'The time is more than 5 minutes in the future: check the clock of the source.')
  const { id, actor, ...rest } = ours
  const parsed = AccessEvent.safeParse({
    ...rest,
    v: 1,
    id: `${source}:${id}`,
    source,
    time: new Date(time).toISOString(),
    actor: actor === undefined ? undefined : `${source}:${String(actor)}`,
  })
  if (parsed.success && parsed.data.outcome === 'held')
    return bad('invalid_event', 'outcome: only our own gateway holds an access')
  if (parsed.success) return { event: parsed.data }
  return bad(
    'invalid_event',
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
  )
}

const bad = (code: LineProblem['code'], reason: string) => ({ problem: { code, reason } })

const jsonObject = (line: string): Record<string, unknown> | undefined => {
  try {
    const value = parseExact(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

const timeOf = (value: unknown): number | undefined => {
  if (typeof value === 'number' && Number.isFinite(value)) return value > 1e11 ? value : value * 1000
  if (typeof value !== 'string') return undefined
  const time = DateTime.fromISO(value, { zone: 'utc' })
  return time.isValid ? time.toMillis() : undefined
}
