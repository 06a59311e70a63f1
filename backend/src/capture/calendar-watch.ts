import { Inject, Injectable } from '@nestjs/common'
import { CONFIG, type Config } from '../config.js'
import { type CalendarSettings, readCalendarSettings } from './calendar.js'
import { outlookOf } from './public-holidays.js'

export interface CalendarWarning {
  /** the year runs already, and rules go by weekends alone */
  late: boolean
  year: number
  en: string
  zh: string
}

/** What somebody has to see to, if the calendar runs out. */
export function calendarWarning(settings: CalendarSettings, now: Date): CalendarWarning | undefined {
  const outlook = outlookOf(settings, now)
  if (outlook.state === 'known') return undefined
  const { year } = outlook
  return outlook.state === 'unknown'
    ? {
        late: true,
        year,
        en: `the public holidays of ${year} are not known: rules about working hours go by weekends alone`,
        zh: `未知 ${year} 年的法定节假日：与工作时间有关的规则目前只按周末判断`,
      }
    : {
        late: false,
        year,
        en: `the public holidays of ${year} are not known yet`,
        zh: `尚未知 ${year} 年的法定节假日`,
      }
}

/** Knows how far the business calendar reaches. */
@Injectable()
export class CalendarWatch {
  private readonly settings: CalendarSettings

  constructor(@Inject(CONFIG) { calendarFile, timeZone }: Config) {
    this.settings = readCalendarSettings(calendarFile, timeZone)
  }

  warning(now = new Date()): CalendarWarning | undefined {
    return calendarWarning(this.settings, now)
  }
}
