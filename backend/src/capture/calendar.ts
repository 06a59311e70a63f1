import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DateTime, IANAZone } from 'luxon'
import { YEAR_UNKNOWN } from '@custodia/contracts'
import { inPlainWords } from '@custodia/streams/settings'
import { z } from 'zod'
import type { Calendar } from './enricher.js'
import { isWeekday, type PublicDays, PublicHolidays, publicDays, shippedVersion } from './public-holidays.js'

const day = z.iso.date()
const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'not a time of day, such as 08:30')

const hours = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from < to, '`from` must be before `to`')

/** The business calendar's settings: the content of the optional JSON file, every key optional. */
export const CalendarSettings = z.strictObject({
  time_zone: z
    .string()
    .refine((zone) => IANAZone.isValidZone(zone), 'not an IANA time zone, such as Asia/Shanghai')
    .default('Asia/Shanghai')
    .describe('days and hours are those of this zone'),
  hours: hours.default({ from: '08:30', to: '18:30' }).describe('working hours; `to` itself is outside'),
  shifts: z
    .record(z.string().min(1), z.strictObject({ hours, days: z.enum(['workdays', 'every_day']).default('workdays') }))
    .default({})
    .describe('by team: hours of its own, and whether it also works on days off'),
  holidays: z
    .enum(['china', 'none'])
    .default('china')
    .describe('china: public holidays and make-up working days; none: Monday to Friday only'),
  public_holidays: PublicHolidays.default({}).describe(
    'by year: public holidays and make-up working days, as announced',
  ),
  extra_holidays: z.array(day).default([]).describe('days off of your own; they win over `extra_workdays`'),
  extra_workdays: z.array(day).default([]).describe('working days of your own, e.g. a Saturday'),
})

/** Names what is wrong with the file, and no value of it. */
export class CalendarError extends Error {}

export type CalendarSettings = z.output<typeof CalendarSettings>

/** The calendar of a settings file, if there is one; `timeZone` holds where the file names none. */
export const openCalendar = (options: { file?: string; timeZone?: string }): Calendar =>
  businessCalendar(readCalendarSettings(options.file, options.timeZone))

/** Throws one sentence naming every wrong key. */
export function readCalendarSettings(file: string | undefined, timeZone?: string): CalendarSettings {
  const defaults = timeZone ? { time_zone: timeZone } : {}
  if (!file) return CalendarSettings.parse(defaults)
  const content = readJson(file)
  const whole = isPlainObject(content) ? { ...defaults, ...content } : content
  const parsed = CalendarSettings.safeParse(whole, { error: inPlainWords })
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`)
  throw new CalendarError(`CUSTODIA_CALENDAR names a file that is not usable: ${wrong.join('; ')}`)
}

/** What is wrong with the content of the file; nothing when it cannot be read, which is told of with all other files. */
export function calendarProblems(file: string | undefined): string[] {
  if (!file) return []
  try {
    readCalendarSettings(file)
    return []
  } catch (error) {
    return error instanceof CalendarError ? [error.message] : []
  }
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readJson(file: string): unknown {
  const text = readFileSync(file, 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CalendarError('CUSTODIA_CALENDAR names a file that is not JSON', { cause })
  }
}

/** A local day as instants, so that an event costs comparisons only, also on the days that clocks are changed. */
interface Day {
  start: number
  end: number
  year: number
  workday: boolean
  opens: number
  closes: number
}

const dayMs = 86_400_000
const keptDays = 4000

/**
 * Says what a moment means to the business. `version` names the settings and the holiday data, to be stored with the answer;
 * it says so where the holidays of that year are not known: such a year has weekends and your own days alone.
 */
export function businessCalendar(settings: CalendarSettings): Calendar {
  const version = versionOf(settings)
  const known = publicDays(settings)
  const isWorkday = workdays(settings, known)
  const common = momentOf(settings, isWorkday)
  const shifts = new Map(
    Object.entries(settings.shifts).map(([team, { hours, days }]) => {
      const at = momentOf({ ...settings, hours }, isWorkday)
      return [team, { at, everyDay: days === 'every_day' }]
    }),
  )
  return (instant, team) => {
    const shift = team === undefined ? undefined : shifts.get(team)
    const { workday, open, year } = (shift?.at ?? common)(instant)
    const source = known.years?.has(year) === false ? version + YEAR_UNKNOWN : version
    return { workday, off_hours: !open || !(workday || shift?.everyDay), version: source }
  }
}

type Moment = (instant: Date) => { workday: boolean; open: boolean; year: number }

function momentOf(settings: CalendarSettings, isWorkday: (date: string) => boolean): Moment {
  const known = new Map<number, Day[]>() // local days by the UTC day that they overlap

  const overlapping = (utcDay: number): Day[] => {
    if (known.size >= keptDays) known.clear()
    const days: Day[] = []
    for (let at = utcDay * dayMs; at < (utcDay + 1) * dayMs; at = days.at(-1)!.end)
      days.push(dayAt(at, settings, isWorkday))
    known.set(utcDay, days)
    return days
  }

  return (instant) => {
    const at = instant.getTime()
    const utcDay = Math.floor(at / dayMs)
    const { workday, opens, closes, year } = (known.get(utcDay) ?? overlapping(utcDay)).find((day) => at < day.end)!
    return { workday, open: at >= opens && at < closes, year }
  }
}

function dayAt(at: number, { time_zone, hours }: CalendarSettings, isWorkday: (date: string) => boolean): Day {
  const start = DateTime.fromMillis(at, { zone: time_zone }).startOf('day')
  const end = start.plus({ days: 1 }).startOf('day')
  const clock = (time: string) => {
    const [hour, minute] = time.split(':').map(Number)
    return time === '24:00' ? end.toMillis() : start.set({ hour, minute }).toMillis()
  }
  return {
    start: start.toMillis(),
    end: end.toMillis(),
    year: start.year,
    workday: isWorkday(start.toISODate()!),
    opens: clock(hours.from),
    closes: clock(hours.to),
  }
}

function workdays(settings: CalendarSettings, known: PublicDays): (date: string) => boolean {
  const off = new Set(settings.extra_holidays)
  const on = new Set(settings.extra_workdays)
  return (date) => {
    if (off.has(date)) return false
    if (on.has(date) || known.workdays.has(date)) return true
    return isWeekday(date) && !known.holidays.has(date)
  }
}

function versionOf({ public_holidays: own, ...others }: CalendarSettings): string {
  const data = others.holidays === 'china' ? `china-${shippedVersion()}` : 'weekdays'
  const settings = Object.keys(own).length ? { ...others, own } : others
  return `${data}-${createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)}`
}
