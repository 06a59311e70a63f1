import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { DateTime } from 'luxon'
import { z } from 'zod'

const date = z.iso.date()

const isWeekday = (day: string): boolean => ![0, 6].includes(new Date(day).getUTCDay())

/** A year's arrangement, as the State Council publishes it each November. */
const Arrangement = z
  .strictObject({ holidays: z.array(date).min(1), workdays: z.array(date) })
  .refine(({ holidays, workdays }) => !workdays.some((day) => holidays.includes(day)), 'a day is in both lists')

/** By year: what the shipped days do not know yet, or know wrongly. A year that is here is wholly as it says here. */
export const PublicHolidays = z.record(z.string(), Arrangement).superRefine((years, context) => {
  const wrong = (year: string, message: string) => context.addIssue({ code: 'custom', path: [year], message })
  for (const [year, { holidays, workdays }] of Object.entries(years)) {
    if (!/^20\d\d$/.test(year)) wrong(year, 'not a year, such as 2027')
    for (const day of [...holidays, ...workdays]) if (!day.startsWith(year)) wrong(year, 'a day of another year')
    const weekday = workdays.find(isWeekday)
    if (weekday) wrong(year, `${weekday} in workdays is neither a Saturday nor a Sunday`)
  }
})
type PublicHolidays = z.output<typeof PublicHolidays>

interface Settings {
  holidays: 'china' | 'none'
  public_holidays: PublicHolidays
  extra_holidays: string[]
  extra_workdays: string[]
}

/** What a team can have instead of everybody's days: China's, Monday to Friday only, or its days off one by one. */
export type OwnHolidays = 'china' | 'none' | string[]

/** Which dates are worked, and how far that is known. */
export interface WorkingDays {
  includes(date: string): boolean
  /** whose arrangement is known; undefined: nobody asked for public holidays */
  years?: ReadonlySet<number>
  /** what they go by, with its version */
  source: string
}

/** Everybody's days; a team's, where it has some of its own. */
export function workingDays(settings: Settings, own?: OwnHolidays): WorkingDays {
  if (own === 'none') return { includes: isWeekday, source: 'weekdays' }
  if (own && own !== 'china') return listedDays(own)
  const { holidays, public_holidays, ...extra } = settings
  const known = publicDays(own ?? holidays, public_holidays)
  const off = new Set(own ? [] : extra.extra_holidays)
  const on = new Set(own ? [] : extra.extra_workdays)
  const includes = (date: string): boolean => {
    if (off.has(date)) return false
    if (on.has(date) || known.workdays.has(date)) return true
    return isWeekday(date) && !known.holidays.has(date)
  }
  const source = (own ?? holidays) === 'china' ? `china-${shippedVersion()}` : 'weekdays'
  return { includes, source, ...(known.years && { years: known.years }) }
}

/** A year is known once one of its days stands in the list. */
function listedDays(list: string[]): WorkingDays {
  const off = new Set(list)
  const years = new Set(list.map(yearOf))
  return { includes: (date) => isWeekday(date) && !off.has(date), years, source: 'own' }
}

const yearOf = (date: string): number => Number(date.slice(0, 4))

function publicDays(
  holidays: Settings['holidays'],
  own: PublicHolidays,
): Record<'holidays' | 'workdays', ReadonlySet<string>> & Pick<WorkingDays, 'years'> {
  const china = holidays === 'china' ? shipped() : { holidays: [], workdays: [] }
  const all = (kind: 'holidays' | 'workdays'): Set<string> =>
    new Set([
      ...china[kind].filter((day) => !Object.hasOwn(own, day.slice(0, 4))),
      ...Object.values(own).flatMap((arrangement) => arrangement[kind]),
    ])
  const years = new Set([...china.holidays.map(yearOf), ...Object.keys(own).map(Number)])
  return { holidays: all('holidays'), workdays: all('workdays'), ...(years.size > 0 && { years }) }
}

/** `ends`: next year's arrangement is published about now and is not here. `unknown`: this year's is not here. */
export type CalendarOutlook = { state: 'known' } | { state: 'ends' | 'unknown'; year: number }

/** From the first of November on somebody is to see to next year's days. */
const publishedIn = 11

export function outlookOf({ years }: Pick<WorkingDays, 'years'>, now: Date, zone: string): CalendarOutlook {
  const { year, month } = DateTime.fromJSDate(now, { zone })
  if (!years) return { state: 'known' }
  if (!years.has(year)) return { state: 'unknown', year }
  return month >= publishedIn && !years.has(year + 1) ? { state: 'ends', year: year + 1 } : { state: 'known' }
}

/** How far the years reach without a gap, from this one on. */
export function knownUntil(years: ReadonlySet<number>, from: number): number {
  let last = from
  while (years.has(last + 1)) last++
  return last
}

const shippedVersion = (): string => (read('chinese-days/package.json') as { version: string }).version

/** By date, as published by the State Council. The package's own functions shift by a day on machines west of Greenwich. */
const shipped = (): Record<'holidays' | 'workdays', string[]> => {
  const days = read('chinese-days/dist/chinese-days.json') as Record<'holidays' | 'workdays', object>
  return { holidays: Object.keys(days.holidays), workdays: Object.keys(days.workdays) }
}

const read = (module: string): unknown =>
  JSON.parse(readFileSync(createRequire(import.meta.url).resolve(module), 'utf8'))
