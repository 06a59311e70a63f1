import { Injectable } from '@nestjs/common'
import type { AccessEvent, QueryOf, ReplyOf, vaultRoutes } from '@custodia/contracts'
import type { Access } from '../../gateway/access.js'
import { readCursor, writeCursor } from '../../gateway/page-cursor.js'
import { clickhouseTime, EventsService } from '../../timelines/events.service.js'
import { finalOf, type VerdictsOf } from '../../timelines/final-outcome.js'
import { NamesService } from '../../timelines/names.service.js'
import { CustomerReader } from './customer-reader.js'

type Page = ReplyOf<typeof vaultRoutes.customerAccesses>

/** As it lies in the audit store; absent texts are empty there. */
type Row = Pick<AccessEvent, 'id' | 'time' | 'action' | 'outcome'> &
  Record<'actor' | 'reason' | 'purpose' | 'part_of', string> & { among: number | null }

/** Who looked at a customer, when and why: accesses to the customer itself, searches and lists that showed it, parts of exports that held it. */
@Injectable()
export class CustomerAccessesService {
  constructor(
    private readonly events: EventsService,
    private readonly names: NamesService,
    private readonly reader: CustomerReader,
  ) {}

  async page(
    access: Access,
    customerId: string,
    { cursor, limit }: QueryOf<typeof vaultRoutes.customerAccesses>,
  ): Promise<Page> {
    access.about({ customer_id: customerId, fields: ['accesses'] })
    access.require(await this.reader.load(access.who, customerId))
    const rows = await this.newest(customerId, limit + 1, cursor)
    const shown = rows.slice(0, limit)
    const verdicts = await this.events.verdictsOn(shown)
    const names = await this.names.of(shown.map(({ actor }) => actor))
    await access.grant({ count: shown.length })
    const last = rows.length > limit ? shown.at(-1) : undefined
    const next = last && writeCursor({ at: new Date(last.time), id: last.id })
    return { items: shown.map((row) => asAccess(row, verdicts, names)), next }
  }

  /** Where they lie together: a few granules, however large the table and however well known the customer. */
  private newest(customer: string, limit: number, cursor?: string): Promise<Row[]> {
    const before = cursor === undefined ? undefined : readCursor(cursor)
    const older = `time <= {time:DateTime64(3, 'UTC')} and (time, id) < ({time:DateTime64(3, 'UTC')}, {id:String})`
    return this.events.query<Row>(
      `select id, time, actor, action, outcome, reason, purpose, part_of, among from accesses_by_customer
       where customer = {customer:String} ${before ? `and ${older}` : ''}
       order by time desc, id desc limit 1 by id limit {limit:UInt32}`,
      { customer, limit, ...(before && { time: clickhouseTime(before.at.toISOString()), id: before.id }) },
    )
  }
}

const asAccess = (row: Row, verdicts: VerdictsOf, names: ReadonlyMap<string, string>): Page['items'][number] => {
  const { final_outcome: outcome, verdict_rule } = finalOf(row, verdicts)
  return {
    event_id: row.id,
    time: new Date(row.time).toISOString(),
    actor: row.actor,
    actor_name: names.get(row.actor) ?? row.actor,
    action: row.action,
    outcome,
    purpose: row.purpose || undefined,
    reason: [verdict_rule, row.reason].find(Boolean),
    among: row.among === null ? undefined : Number(row.among),
  }
}
