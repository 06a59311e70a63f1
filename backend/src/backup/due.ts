import { DateTime } from 'luxon'
import type { Run } from './runs.js'

type Tried = Pick<Run, 'startedAt' | 'state'> | undefined

const hour = 3_600_000
/** A backup that failed is tried again after an hour, a drill after a day. */
const againAfter = { backup: hour, drill: 24 * hour }

/** The last time that the clock of this zone showed `dailyAt` (HH:MM). */
export function lastSlot(dailyAt: string, timeZone: string, now: Date): Date {
  const [hours, minutes] = dailyAt.split(':').map(Number)
  const local = DateTime.fromJSDate(now, { zone: timeZone })
  const today = local.set({ hour: hours, minute: minutes, second: 0, millisecond: 0 })
  return (today <= local ? today : today.minus({ days: 1 })).toJSDate()
}

/** Whether the daily backup is to be made now. The first one is, at once. */
export function backupDue(slot: Date, now: Date, verified: Tried, newest: Tried): boolean {
  if (verified && verified.startedAt >= slot) return false
  return !tooSoon('backup', newest, now, slot)
}

/** Whether this month's drill is to be made now: once a month, as soon as there is a backup. */
export function drillDue(timeZone: string, now: Date, passed: Tried, newest: Tried, backup: Tried): boolean {
  if (!backup) return false
  const month = DateTime.fromJSDate(now, { zone: timeZone }).startOf('month').toJSDate()
  if (passed && passed.startedAt >= month) return false
  return !tooSoon('drill', newest, now, month)
}

/** One since `from` is running still, or failed a moment ago. A run that was killed stops counting after that time too. */
const tooSoon = (kind: keyof typeof againAfter, newest: Tried, now: Date, from: Date): boolean =>
  newest !== undefined &&
  newest.startedAt >= from &&
  newest.state !== 'verified' &&
  now.getTime() - newest.startedAt.getTime() < againAfter[kind]
