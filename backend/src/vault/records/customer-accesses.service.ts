import { Inject, Injectable } from '@nestjs/common'
import type { QueryOf, ReplyOf, vaultRoutes } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import { AUDIT_STORE } from '../../adapters.js'
import type { Access } from '../../gateway/access.js'
import { ProblemError } from '../../gateway/problem.js'
import { readCursor, writeCursor } from '../../gateway/page-cursor.js'
import { CustomerReader } from './customer-reader.js'

type Page = ReplyOf<typeof vaultRoutes.customerAccesses>
interface Row {
  id: string
  time: string
  actor: string
  action: string
  final_outcome: string
  purpose: string
}

/** Accesses to the customer itself, searches and lists that showed it, and parts of exports that held it. */
const accessesOf = `
  SELECT id, time, actor, action, final_outcome, purpose
  FROM accesses
  WHERE (customer_id = {customer:String} OR has(record_ids, {customer:String}))
    AND ({before:String} = '' OR (time, id) < (parseDateTime64BestEffortOrZero({before:String}, 3, 'UTC'), {beforeId:String}))
  ORDER BY time DESC, id DESC
  LIMIT {limit:UInt32}`

/** Who looked at a customer: read from the audit store, told with people's names. */
@Injectable()
export class CustomerAccessesService {
  constructor(
    @Inject(AUDIT_STORE) private readonly audit: AuditStore,
    private readonly reader: CustomerReader,
  ) {}

  async page(
    access: Access,
    customerId: string,
    { cursor, limit }: QueryOf<typeof vaultRoutes.customerAccesses>,
  ): Promise<Page> {
    access.about({ customer_id: customerId, fields: ['accesses'] })
    access.require(await this.reader.load(access.who, customerId))
    const before = cursor === undefined ? undefined : readCursor(cursor)
    const rows = await this.ask<Row>(accessesOf, {
      customer: customerId,
      before: before?.at.toISOString() ?? '',
      beforeId: before?.id ?? '',
      limit: limit + 1,
    })
    const shown = rows.slice(0, limit)
    const page = await this.present(shown)
    await access.grant({ count: shown.length })
    const last = shown.at(-1)
    return {
      items: page,
      next: rows.length > limit && last ? writeCursor({ at: instant(last), id: last.id }) : undefined,
    }
  }

  private async present(rows: Row[]): Promise<Page['items']> {
    const actors = [...new Set(rows.map((row) => row.actor).filter(Boolean))]
    const names = actors.length ? await this.reader.namesOf(actors) : new Map<string, string>()
    return rows.map((row) => ({
      event_id: row.id,
      time: instant(row).toISOString(),
      actor: row.actor,
      actor_name: names.get(row.actor) ?? row.actor,
      action: row.action,
      outcome: row.final_outcome,
      purpose: row.purpose || undefined,
    }))
  }

  private async ask<T>(sql: string, params: Record<string, unknown>): Promise<T[]> {
    try {
      return await this.audit.query<T>(sql, params, { maxSeconds: 10 })
    } catch (cause) {
      throw new ProblemError('audit_store_unavailable', { headers: { 'retry-after': '1' } }, { cause })
    }
  }
}

const instant = ({ time }: Pick<Row, 'time'>): Date => new Date(time)
