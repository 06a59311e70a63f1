import { Injectable } from '@nestjs/common'
import type { EventRow, QueryOf, ReplyOf, vaultRoutes } from '@custodia/contracts'
import type { Access } from '../../gateway/access.js'
import { EventsService } from '../../timelines/events.service.js'
import { CustomerReader } from './customer-reader.js'

type Page = ReplyOf<typeof vaultRoutes.customerAccesses>

/** Who looked at a customer, when and why: accesses to the customer itself, searches and lists that showed it, parts of exports that held it. */
@Injectable()
export class CustomerAccessesService {
  constructor(
    private readonly events: EventsService,
    private readonly reader: CustomerReader,
  ) {}

  async page(
    access: Access,
    customerId: string,
    { cursor, limit }: QueryOf<typeof vaultRoutes.customerAccesses>,
  ): Promise<Page> {
    access.about({ customer_id: customerId, fields: ['accesses'] })
    access.require(await this.reader.load(access.who, customerId))
    const found = await this.events.find({ customer_id: customerId }, limit, cursor)
    await access.grant({ count: found.items.length })
    return { ...found, items: found.items.map((event) => asAccess(event, customerId)) }
  }
}

const asAccess = (event: EventRow, customerId: string): Page['items'][number] => ({
  event_id: event.id,
  time: new Date(event.time).toISOString(),
  actor: event.actor ?? '',
  actor_name: event.actor_name ?? event.actor ?? '',
  action: event.action,
  outcome: event.final_outcome,
  purpose: event.purpose,
  reason: event.verdict_rule ?? event.reason,
  among: event.customer_id === customerId ? undefined : (event.count ?? event.record_ids?.length),
})
