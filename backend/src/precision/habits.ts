import type { AccessEvent } from '@custodia/contracts'
import {
  amountOf, dayIndex, freeze, groupOf, habitOf, hourIndex, type Baselines, type HourCount,
} from '@custodia/streams/detection' // prettier-ignore

/** China's only one. */
const offsetMinutes = 8 * 60
const keptDays = 28

/** What the audit store would say that everybody did in each hour: the same count, of the same events. */
export class Habits {
  private readonly hours = new Map<string, HourCount>()

  add(at: number, event: AccessEvent): void {
    const habit = habitOf(event)
    if (!habit || !event.actor || event.outcome === 'refused' || event.outcome === 'failed') return
    const hour = hourIndex(at, offsetMinutes)
    const key = `${event.actor} ${hour}`
    let row = this.hours.get(key)
    if (!row)
      this.hours.set(
        key,
        (row = { actor: event.actor, group: groupOf(event), hour, counts: {}, countries: [], segments: [] }),
      )
    row.counts[habit] = (row.counts[habit] ?? 0) + amountOf(habit, event)
    const { country, segment } = event
    if (segment && !row.segments?.includes(segment)) row.segments = [...(row.segments ?? []), segment]
    if (country && !row.countries.includes(country)) row.countries = [...row.countries, country]
  }

  /** as frozen at the beginning of the day */
  before(dayStarts: number): Baselines {
    const day = dayIndex(hourIndex(dayStarts, offsetMinutes))
    for (const [key, { hour }] of this.hours) if (dayIndex(hour) < day - keptDays) this.hours.delete(key)
    return freeze(this.hours.values(), day, offsetMinutes)
  }
}
