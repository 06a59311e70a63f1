import { createHash } from 'node:crypto'
import { YEAR_UNKNOWN } from '@custodia/contracts'
import { type CalendarSettings, readCalendarSettings } from './calendar-settings.js'
import type { Calendar } from './enricher.js'
import { workingDays } from './public-holidays.js'
import { stretchesOf, type Timetable } from './timetable.js'

/** The calendar of a settings file, if there is one; `timeZone` holds where the file names none. */
export const openCalendar = (options: { file?: string; timeZone?: string }): Calendar =>
  businessCalendar(readCalendarSettings(options.file, options.timeZone))

/**
 * Says what a moment means to the business. `version` names the settings and the holiday data, to be stored with the answer;
 * it says so where the holidays of that year are not known: such a year has weekends and your own days alone.
 */
export function businessCalendar(settings: CalendarSettings): Calendar {
  const digest = digestOf(settings)
  const common = answersOf(timetableOf(settings), digest)
  const teams = new Map(
    Object.keys(settings.shifts).map((team) => [team, answersOf(timetableOf(settings, team), digest)]),
  )
  return (instant, team) => ((team !== undefined && teams.get(team)) || common)(instant.getTime())
}

/** What holds for everybody, or for a team that has a shift. */
export function timetableOf(settings: CalendarSettings, team?: string): Timetable {
  const { hours, days, time_zone, holidays } = (team !== undefined && settings.shifts[team]) || {}
  return {
    time_zone: time_zone ?? settings.time_zone,
    hours: hours ?? settings.hours,
    everyDay: days === 'every_day',
    days: workingDays(settings, holidays),
  }
}

type Answer = ReturnType<Calendar>

const dayMs = 86_400_000
const keptDays = 4000

/** Worked out once a day, as instants: an event costs comparisons only, also on the days that clocks are changed. */
function answersOf(timetable: Timetable, digest: string): (instant: number) => Answer {
  const { source, years } = timetable.days
  const known = new Map<number, { until: number; answer: Answer }[]>()

  const answersOn = (utcDay: number) => {
    if (known.size >= keptDays) known.clear()
    const answers = stretchesOf(timetable, utcDay).map(({ until, working, workday, year }) => {
      const version = `${source}-${digest}${years?.has(year) === false ? YEAR_UNKNOWN : ''}`
      return { until, answer: Object.freeze({ workday, off_hours: !working, version }) }
    })
    known.set(utcDay, answers)
    return answers
  }

  return (instant) => {
    const utcDay = Math.floor(instant / dayMs)
    return (known.get(utcDay) ?? answersOn(utcDay)).find(({ until }) => instant < until)!.answer
  }
}

function digestOf({ public_holidays: own, ...others }: CalendarSettings): string {
  const settings = Object.keys(own).length ? { ...others, own } : others
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)
}
