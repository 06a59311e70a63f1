import type { Alert, AlertContext, EventRow } from '@custodia/contracts'
import { DateTime } from 'luxon'
import { countOf, medianOf } from './alert-numbers.js'

const weeks = 4
/** With fewer, nobody can say what is usual. */
const leastWeeks = 3

export interface Hour {
  from: string
  to: string
}

/** The same hour of the week, on the clock of the house, in the four weeks before. */
export function hoursBefore(time: string, zone: string): Hour[] {
  const hour = DateTime.fromISO(time, { zone }).startOf('hour')
  return Array.from({ length: weeks }, (_, n) => {
    const from = hour.minus({ weeks: n + 1 })
    return { from: from.toUTC().toISO() ?? '', to: from.plus({ hours: 1 }).toUTC().toISO() ?? '' }
  })
}

/** Which of the weeks before `time` a moment lies in, 0 being the last; what lies outside has another number. */
export const weekOf = (time: string, moment: string): number =>
  Math.floor((Date.parse(time) - Date.parse(moment)) / (7 * 86_400_000))

/**
 * The median of what is counted in that hour. A week in which nothing was heard of the person at all is not known, and not a
 * zero; a known week without anything in that hour is one.
 */
export function usualOf(
  alert: Pick<Alert, 'counted'>,
  hours: readonly (readonly EventRow[])[],
  knownWeeks: ReadonlySet<number>,
): AlertContext['usual'] {
  const known = hours.filter((_, n) => knownWeeks.has(n))
  const values = known.map((events) => countOf(alert, events)).filter((value) => value !== undefined)
  if (values.length < known.length) return undefined
  return { weeks: known.length, value: known.length >= leastWeeks ? medianOf(values) : undefined }
}
