import { Inject, Injectable } from '@nestjs/common'
import { CONFIG, type Config } from '../config.js'
import type { WorkingHours } from '@custodia/contracts'
import { timetableOf } from './calendar.js'
import { type CalendarSettings, readCalendarSettings } from './calendar-settings.js'
import { outlookOf, type WorkingDays, workingDays } from './public-holidays.js'
import { stateAt } from './timetable.js'

export interface CalendarWarning {
  /** the year runs already, and rules go by weekends alone */
  late: boolean
  year: number
  /** whose own days off run out; absent: everybody's */
  team?: string
  en: string
  zh: string
}

interface OwnDays {
  team?: string
  zone: string
  days: WorkingDays
}

/** Everybody's working days, then those of each team that has others. */
export const daysByTeam = (settings: CalendarSettings): OwnDays[] => [
  { zone: settings.time_zone, days: workingDays(settings) },
  ...Object.entries(settings.shifts)
    .filter(([, { holidays }]) => holidays && holidays !== settings.holidays)
    .map(([team, { holidays, time_zone }]) => ({
      team,
      zone: time_zone ?? settings.time_zone,
      days: workingDays(settings, holidays),
    })),
]

/** What somebody has to see to, where the calendar runs out. */
export const calendarWarnings = (settings: CalendarSettings, now: Date): CalendarWarning[] =>
  daysByTeam(settings).flatMap((own) => warningOf(own, now))

function warningOf({ team, zone, days }: OwnDays, now: Date): CalendarWarning[] {
  const outlook = outlookOf(days, now, zone)
  if (outlook.state === 'known') return []
  const { year } = outlook
  const late = outlook.state === 'unknown'
  const en = `the public holidays of ${year}${team ? ` for team ${team}` : ''} are not known`
  const zh = `${team ? `团队 ${team}` : ''} ${year} 年的法定节假日`
  return [
    late
      ? {
          ...{ late, year, ...(team && { team }) },
          en: `${en}: rules about working hours go by weekends alone`,
          zh: `未知${zh}：与工作时间有关的规则目前只按周末判断`,
        }
      : { late, year, ...(team && { team }), en: `${en} yet`, zh: `尚未知${zh}` },
  ]
}

/** Everybody's hours, then those of each team that has a shift, and whether they are at work. */
export const workingHours = (settings: CalendarSettings, now: Date): WorkingHours[] =>
  [undefined, ...Object.keys(settings.shifts)].map((team) => {
    const timetable = timetableOf(settings, team)
    const { working, changesAt } = stateAt(timetable, now.getTime())
    const holidays = (team !== undefined && settings.shifts[team]?.holidays) || settings.holidays
    return {
      ...(team !== undefined && { team }),
      time_zone: timetable.time_zone,
      hours: [timetable.hours].flat(),
      days: timetable.everyDay ? 'every_day' : 'workdays',
      holidays: Array.isArray(holidays) ? 'own' : holidays,
      working,
      ...(changesAt !== undefined && { changes_at: new Date(changesAt).toISOString() }),
    }
  })

/** Knows what the business calendar says of teams, and how far it reaches. */
@Injectable()
export class CalendarWatch {
  private readonly settings: CalendarSettings

  constructor(@Inject(CONFIG) { calendarFile, timeZone }: Config) {
    this.settings = readCalendarSettings(calendarFile, timeZone)
  }

  workingHours(now = new Date()): WorkingHours[] {
    return workingHours(this.settings, now)
  }

  warnings(now = new Date()): CalendarWarning[] {
    return calendarWarnings(this.settings, now)
  }
}
