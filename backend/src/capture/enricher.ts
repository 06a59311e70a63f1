import type { AccessEvent } from '@custodia/contracts'
import type { Geography } from './geo.js'

/** What a moment means to the business, or to a team that has hours of its own. */
export type Calendar = (
  instant: Date,
  team?: string,
) => Readonly<{ workday: boolean; off_hours: boolean; version: string }>

/** Adds what the gateway alone can know at the moment of the access: place and calendar, with the version of the data used. */
export class Enricher {
  constructor(
    private readonly calendar: Calendar,
    private readonly geography: Geography,
  ) {}

  countryOf(ip: string): string | undefined {
    return this.geography.countryOf(ip)
  }

  enrich(
    time: Date,
    { ip, team }: Pick<AccessEvent, 'ip' | 'team'>,
  ): Pick<AccessEvent, 'off_hours' | 'workday' | 'calendar' | 'country'> {
    const { workday, off_hours, version } = this.calendar(time, team)
    const country = ip ? this.geography.countryOf(ip) : undefined
    // left out where it is not known: an outside system may have told it
    return { workday, off_hours, calendar: version, ...(country && { country }) }
  }
}
