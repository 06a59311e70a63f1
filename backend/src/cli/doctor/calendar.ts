import { readCalendarSettings } from '../../capture/calendar-settings.js'
import { calendarWarnings, daysByTeam } from '../../capture/calendar-watch.js'
import { knownUntil } from '../../capture/public-holidays.js'
import type { Config } from '../../config.js'
import { ok, type Check, warn } from './finding.js'

/** Whether the public holidays of this year, and soon of the next one, are known; for teams that have their own, too. */
export const calendar = ({ calendarFile, timeZone }: Config, now = () => new Date()): Check => ({
  name: 'calendar',
  otherwise: 'see what CUSTODIA_CALENDAR names',
  run: async () => {
    const settings = readCalendarSettings(calendarFile, timeZone)
    const warnings = calendarWarnings(settings, now())
    if (warnings.length)
      return warnings.map(({ en }) => warn(en, 'write the year into the file of CUSTODIA_CALENDAR: docs/calendar.md'))
    const known = daysByTeam(settings).map(({ team, days: { years } }) => {
      const reach = years
        ? `public holidays are known to the end of ${knownUntil(years, now().getFullYear())}`
        : 'Monday to Friday, without public holidays'
      return team ? `team ${team}: ${reach}` : reach
    })
    return [ok(known.join('; '))]
  },
})
