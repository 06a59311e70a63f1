import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { DateTime, IANAZone } from 'luxon'
import { inPlainWords } from '@custodia/streams/settings'
import { z } from 'zod'
import type { Calendar } from './enricher.js'

const day = z.iso.date()
const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'not a time of day, such as 08:30')

/** The business calendar's settings: the content of the optional JSON file, every key optional. */
export const CalendarSettings = z.strictObject({
  time_zone: z
    .string()
    .refine((zone) => IANAZone.isValidZone(zone), 'not an IANA time zone, such as Asia/Shanghai')
    .default('Asia/Shanghai')
    .describe('days and hours are those of this zone'),
  hours: z
    .strictObject({ from: timeOfDay, to: timeOfDay })
    .refine(({ from, to }) => from < to, '`from` must be before `to`')
    .default({ from: '08:30', to: '18:30' })
    .describe('working hours; `to` itself is outside'),
  holidays: z
    .enum(['china', 'none'])
    .default('china')
    .describe('china: public holidays and make-up working days; none: Monday to Friday only'),
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
  workday: boolean
  opens: number
  closes: number
}

const dayMs = 86_400_000
const keptDays = 4000

/** Says what a moment means to the business. `version` names the settings and the holiday data, to be stored with the answer. */
export function businessCalendar(settings: CalendarSettings): Calendar {
  const isWorkday = workdays(settings)
  const version = versionOf(settings)
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
    const { workday, opens, closes } = (known.get(utcDay) ?? overlapping(utcDay)).find((day) => at < day.end)!
    return { workday, off_hours: !workday || at < opens || at >= closes, version }
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
    workday: isWorkday(start.toISODate()!),
    opens: clock(hours.from),
    closes: clock(hours.to),
  }
}

function workdays(settings: CalendarSettings): (date: string) => boolean {
  const off = new Set(settings.extra_holidays)
  const on = new Set(settings.extra_workdays)
  const china = settings.holidays === 'china' ? chineseDays() : { holidays: {}, workdays: {} }
  return (date) => {
    if (off.has(date)) return false
    if (on.has(date) || date in china.workdays) return true
    return isWeekday(date) && !(date in china.holidays)
  }
}

const isWeekday = (date: string) => ![0, 6].includes(new Date(date).getUTCDay())

/** By date, as published by the State Council. The package's own functions shift by a day on machines west of Greenwich. */
const chineseDays = () => read('chinese-days/dist/chinese-days.json') as Record<'holidays' | 'workdays', object>

function versionOf(settings: CalendarSettings): string {
  const { version } = read('chinese-days/package.json') as { version: string }
  const data = settings.holidays === 'china' ? `china-${version}` : 'weekdays'
  return `${data}-${createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)}`
}

const read = (module: string): unknown =>
  JSON.parse(readFileSync(createRequire(import.meta.url).resolve(module), 'utf8'))
