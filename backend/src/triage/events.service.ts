import { Inject, Injectable } from '@nestjs/common'
import type { EventRow } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import { AUDIT_STORE } from '../adapters.js'
import { readCursor, writeCursor } from '../gateway/page-cursor.js'
import { ProblemError } from '../gateway/problem.js'
import { NamesService } from './names.service.js'

export interface EventFilter {
  from?: string
  to?: string
  actor?: string
  customer_id?: string
  action?: string
  outcome?: string
  ip?: string
  id?: string
  ids?: string[]
}

/** The filter of each field: SQL with a bound parameter of that name. */
const conditions: Record<keyof EventFilter, string> = {
  from: "time >= {from:DateTime64(3, 'UTC')}",
  to: "time < {to:DateTime64(3, 'UTC')}",
  actor: '(actor = {actor:String} or subject = {actor:String})',
  customer_id: '(customer_id = {customer_id:String} or has(record_ids, {customer_id:String}))',
  action: 'action = {action:String}',
  outcome: 'final_outcome = {outcome:String}',
  ip: 'ip = {ip:String}',
  id: 'id = {id:String}',
  ids: 'id in {ids:Array(String)}',
}

const columns = `id, v, time, source, actor, actor_role, team, branch, action, outcome, reason, subject, customer_id, record_id, record_ids, fields, count, bytes,
  purpose, ip, country, city, device, user_agent, session, factor, off_hours, workday, new_device, relation, demo, drill, request_id, final_outcome, verdict_rule`

const present = ([, value]: [string, unknown]): boolean =>
  value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)

/** Access events as people read them, from ClickHouse: newest first, with final outcome and names. */
@Injectable()
export class EventsService {
  constructor(
    @Inject(AUDIT_STORE) private readonly audit: AuditStore,
    private readonly names: NamesService,
  ) {}

  async find(filter: EventFilter, limit: number, cursor?: string): Promise<{ items: EventRow[]; next?: string }> {
    const before = cursor === undefined ? undefined : readCursor(cursor)
    const given = (Object.keys(conditions) as (keyof EventFilter)[]).filter((key) => filter[key] !== undefined)
    const where = given.map((key) => conditions[key])
    if (before) where.push("(time, id) < ({before_time:DateTime64(3, 'UTC')}, {before_id:String})")
    const sql = `select ${columns} from accesses ${where.length ? `where ${where.join(' and ')}` : ''} order by time desc, id desc limit {limit:UInt32}`
    const params = {
      ...filter,
      from: clickhouseTime(filter.from),
      to: clickhouseTime(filter.to),
      before_time: clickhouseTime(before?.at.toISOString()),
      before_id: before?.id,
      limit: limit + 1,
    }
    const rows = await this.query<Record<string, unknown>>(
      sql,
      Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)),
    )
    const items = rows
      .slice(0, limit)
      .map((row) => Object.fromEntries(Object.entries(row).filter(present)) as unknown as EventRow)
    const last = items.at(-1)
    return {
      items: await this.names.inEvents(items),
      next: rows.length > limit && last ? writeCursor({ at: new Date(last.time), id: last.id }) : undefined,
    }
  }

  /** A query of the audit store; when it does not answer the reader hears which part is down. Reports may take their time. */
  async query<Row>(sql: string, params: Record<string, unknown> = {}, maxSeconds = 10): Promise<Row[]> {
    try {
      return await this.audit.query<Row>(sql, params, { maxSeconds })
    } catch (cause) {
      throw new ProblemError('audit_store_unavailable', {}, { cause })
    }
  }
}

/** ISO 8601 with or without offset → what a DateTime64(3, 'UTC') parameter takes. */
export const clickhouseTime = (iso: string | undefined): string | undefined =>
  iso && new Date(iso).toISOString().replace('T', ' ').replace('Z', '')
