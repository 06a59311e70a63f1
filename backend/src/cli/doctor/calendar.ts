import { readCalendarSettings } from '../../capture/calendar.js'
import { calendarWarning } from '../../capture/calendar-watch.js'
import { knownUntil, publicDays } from '../../capture/public-holidays.js'
import type { Config } from '../../config.js'
import { ok, type Check, warn } from './finding.js'

/** Whether the public holidays of this year, and soon of the next one, are known. */
export const calendar = ({ calendarFile, timeZone }: Config, now = () => new Date()): Check => ({
  name: 'calendar',
  otherwise: 'see what CUSTODIA_CALENDAR names',
  run: async () => {
    const settings = readCalendarSettings(calendarFile, timeZone)
    const told = calendarWarning(settings, now())
    if (told) return [warn(told.en, 'write the year into the file of CUSTODIA_CALENDAR: docs/calendar.md')]
    const { years } = publicDays(settings)
    return [
      ok(
        years
          ? `public holidays are known to the end of ${knownUntil(years, now().getFullYear())}`
          : 'Monday to Friday, without public holidays',
      ),
    ]
  },
})
