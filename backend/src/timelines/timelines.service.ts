import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, PersonTimeline, routes } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { isOurId } from '../gateway/target.js'
import type { RecordStore } from '../record-store/record-store.js'
import { alerts } from '../record-store/schema.js'
import { EventsService, type FoundEvents } from './events.service.js'
import { NamesService } from './names.service.js'
import { digestOf } from './person-digest.js'

const hourMs = 3_600_000
const mostEvents = 1_000

/** Looking at what others did. Each look is an event itself: whose hours, which customer, by which filters. */
@Injectable()
export class TimelinesService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly events: EventsService,
    private readonly names: NamesService,
  ) {}

  async search(access: Access, { query }: InputOf<typeof routes.events>): Promise<FoundEvents> {
    const { cursor, limit, alert, ...filter } = query
    access.about({
      fields: [...Object.keys(filter), ...(alert ? ['alert'] : [])],
      record_id: [alert, filter.id].find(isOurId),
    })
    const ids = alert === undefined ? undefined : await this.countedBy(alert)
    const page = await this.events.find({ ...filter, ids }, limit, cursor)
    await access.grant({ count: page.items.length, subject: filter.actor, customer_id: filter.customer_id })
    return page
  }

  async person(access: Access, { params, query }: InputOf<typeof routes.personTimeline>): Promise<PersonTimeline> {
    const { id } = params
    access.about({ subject: id, fields: ['timeline'] })
    const now = Date.now()
    const at = query.at ?? (await this.events.lastBefore(id, now + hourMs)) ?? new Date(now).toISOString()
    const [since, until] = [Date.parse(at) - query.hours * hourMs, Date.parse(at) + query.hours * hourMs]
    const [from, to] = [new Date(since).toISOString(), new Date(until).toISOString()]
    const [found, earlier, later, names] = await Promise.all([
      this.events.find({ person: id, from, to }, mostEvents),
      this.events.lastBefore(id, since),
      this.events.firstAfter(id, until),
      this.names.of([id]),
    ])
    await access.grant({ count: found.items.length })
    const cut = found.next !== undefined
    return { name: names.get(id), at, from, to, events: found.items, cut, ...digestOf(found.items, id), earlier, later }
  }

  private async countedBy(alertId: string): Promise<string[]> {
    const [row] = await this.store.db.select({ alert: alerts.alert }).from(alerts).where(eq(alerts.id, alertId))
    if (!row) throw new ProblemError('not_found')
    return [...new Set([...row.alert.evidence, row.alert.event_id])]
  }
}
