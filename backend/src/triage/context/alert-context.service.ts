import { Inject, Injectable } from '@nestjs/common'
import type { Alert, AlertContext, EventRow } from '@custodia/contracts'
import { CONFIG, type Config } from '../../config.js'
import { groupColumns, type GroupColumn } from '../../timelines/event-conditions.js'
import { clickhouseTime, EventsService } from '../../timelines/events.service.js'
import { passesAt, secondsOf, servedOf } from './alert-numbers.js'
import { hoursBefore, usualOf, weekOf } from './usual.js'

type Group = Partial<Record<GroupColumn, string>>

/** More than that is not counted one by one. */
const most = 5_000
const quietWindowSeconds = 3_600

/** The numbers of an alert that only the audit store knows. Displayed, never judged by. */
@Injectable()
export class AlertContextService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly events: EventsService,
  ) {}

  /** When an alert's numbers change no more: its window is over. */
  finalAt({ time, window_seconds }: Alert): number {
    return Date.parse(time) + (window_seconds ?? quietWindowSeconds) * 1000
  }

  /** Undefined while the events that were counted, or their verdicts, have not all landed. */
  async of(alert: Alert, mayWait: boolean): Promise<AlertContext | undefined> {
    const ids = [...new Set([...alert.evidence, alert.event_id])]
    const { items: counted } = await this.events.find({ ids }, ids.length)
    // A held access without a verdict looks as if it had expired: its verdict may not have landed yet.
    const unsure = counted.some((event) => event.outcome === 'held' && event.final_outcome === 'expired')
    if (mayWait && (counted.length < ids.length || unsure)) return undefined
    const whole = counted.length === ids.length && alert.evidence_total <= alert.evidence.length
    return {
      alert_id: alert.id,
      at: new Date().toISOString(),
      served: whole ? servedOf(alert, counted) : undefined,
      seconds: whole ? secondsOf(counted) : undefined,
      refused: await this.refused(alert, counted),
      usual: await this.usual(alert, counted),
      passes_at: whole ? passesAt(alert, counted) : undefined,
      off_hours: (whole && counted.every((event) => event.off_hours)) || undefined,
    }
  }

  /** Attempts of the same kind that were refused from the firing on, for one window. */
  private async refused(alert: Alert, counted: readonly EventRow[]): Promise<number | undefined> {
    const group = groupOf(alert)
    if (!group || !alert.action) return undefined
    const from = counted.find(({ id }) => id === alert.event_id)?.time ?? alert.time
    const to = new Date(this.finalAt(alert)).toISOString()
    const found = await this.events.find({ group, actions: [alert.action], outcome: 'refused', from, to }, most)
    return found.items.length
  }

  /** The same kinds of access, with the same outcomes, in this hour of the week. */
  private async usual(alert: Alert, counted: readonly EventRow[]): Promise<AlertContext['usual']> {
    const group = groupOf(alert)
    const like = counted.filter(({ id }) => !alert.held || id !== alert.event_id)
    if (!group || !alert.counted || !like.length) return undefined
    const actions = [...new Set(like.map((event) => event.action))]
    const outcomes = new Set(like.map(outcomeOf))
    const hours = hoursBefore(alert.time, this.config.timeZone)
    const [known, ...found] = await Promise.all([
      this.knownWeeks(alert, group),
      ...hours.map((hour) => this.events.find({ group, actions, ...hour }, most)),
    ])
    const alike = found.map(({ items }) => items.filter((event) => outcomes.has(outcomeOf(event))))
    return usualOf(alert, alike, known)
  }

  /** Weeks in which anything at all was heard of this person, or whatever the rule counts by. */
  private async knownWeeks({ time }: Alert, group: Group): Promise<Set<number>> {
    const ofGroup = Object.keys(group).map((column) => `${column} = {${column}:String}`)
    const rows = await this.events.query<{ moment: string }>(
      `select max(time) as moment from access_events
       where time >= {since:DateTime64(3, 'UTC')} and time < {until:DateTime64(3, 'UTC')} and ${ofGroup.join(' and ')}
       group by intDiv(toUnixTimestamp64Milli({until:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli(access_events.time) - 1, 604800000)`,
      {
        ...group,
        since: clickhouseTime(new Date(Date.parse(time) - 28 * 86_400_000).toISOString()),
        until: clickhouseTime(time),
      },
    )
    return new Set(rows.map(({ moment }) => weekOf(time, moment)))
  }
}

/** `allowed` was served as `granted` was. */
const outcomeOf = ({ final_outcome }: EventRow): string => (final_outcome === 'allowed' ? 'granted' : final_outcome)

/** The group as columns; undefined for one that events have no columns for, or for everybody. */
function groupOf({ group }: Alert): Group | undefined {
  const fields = Object.keys(group)
  return fields.length && fields.every((field) => groupColumns.includes(field as GroupColumn)) ? group : undefined
}
