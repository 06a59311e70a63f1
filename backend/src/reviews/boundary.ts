import { DateTime } from 'luxon'

/** The newest midnight, in that zone, at which a review that comes every so many months begins; the year divides evenly. */
export function lastBoundary(months: number, timeZone: string, now: Date): Date {
  const month = DateTime.fromJSDate(now, { zone: timeZone }).startOf('month')
  return month.minus({ months: (month.month - 1) % months }).toJSDate()
}
