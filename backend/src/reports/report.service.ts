import { Inject, Injectable } from '@nestjs/common'
import type { EventRow, Report } from '@custodia/contracts'
import { eq, inArray } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { RecordStore } from '../record-store/record-store.js'
import { alerts, freezes, settings } from '../record-store/schema.js'
import { clickhouseTime, EventsService } from '../triage/events.service.js'
import { NamesService } from '../triage/names.service.js'
import {
  alertsSql,
  coversSql,
  eventsSql,
  kindSql,
  perDaySql,
  rowsSql,
  scopeSql,
  totalsSql,
  type Kind,
} from './report-queries.js'

export interface ReportFilter {
  kind: Kind
  from: Date
  to: Date
  person?: string
  customer?: string
}

type Row = Report['rows'][number]
interface AlertRow {
  id: string
  rule: string
  title: string
  severity: string
  actor: string
  value: number
  limit_n: number | null
  time: string
}

const shownEvents = 1000
const pageSize = 10_000
const withEvents: Kind[] = ['access', 'sign_ins']

/** ⑥ Makes reports out of ClickHouse. Each names its period, its filters and the log range that it covers. */
@Injectable()
export class ReportService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly events: EventsService,
    private readonly names: NamesService,
  ) {}

  async make(filter: ReportFilter): Promise<Report> {
    const { where, params } = await this.select(filter)
    const [totals] = await this.events.query<Report['totals']>(totalsSql(where), params)
    const covers = await this.events.query<Report['covers'][number]>(coversSql(where), params)
    const perDay = await this.events.query<Report['per_day'][number]>(perDaySql(where), params)
    return {
      kind: filter.kind,
      from: filter.from.toISOString(),
      to: filter.to.toISOString(),
      person: filter.person,
      customer: filter.customer,
      made_at: new Date().toISOString(),
      covers: covers.map(numbersIn),
      totals: numbersIn(totals ?? { events: 0, granted: 0, refused: 0, people: 0, customers: 0 }),
      per_day: perDay.map(({ day, granted, refused }) => ({ day, granted: Number(granted), refused: Number(refused) })),
      rows: await this.rows(filter, where, params),
      events: withEvents.includes(filter.kind) ? await this.page(where, params, shownEvents) : [],
    }
  }

  /** Every event of the report in order, a page at a time, however long the period. */
  async *pages(filter: ReportFilter): AsyncGenerator<EventRow[]> {
    const { where, params } = await this.select(filter)
    for (let after: EventRow | undefined; ;) {
      const rows = await this.page(where, params, pageSize, after)
      if (rows.length) yield rows
      after = rows.at(-1)
      if (rows.length < pageSize) return
    }
  }

  private async select(filter: ReportFilter) {
    const [demo] = await this.store.db.select({ key: settings.key }).from(settings).where(eq(settings.key, 'demo'))
    const params = {
      from: clickhouseTime(filter.from.toISOString()),
      to: clickhouseTime(filter.to.toISOString()),
      time_zone: this.config.timeZone,
      ...(filter.person ? { person: filter.person } : {}),
      ...(filter.customer ? { customer: filter.customer } : {}),
    }
    return { where: `${scopeSql({ ...filter, withDemo: demo !== undefined })} and ${kindSql[filter.kind]}`, params }
  }

  private async page(
    where: string,
    params: Record<string, unknown>,
    limit: number,
    after?: EventRow,
  ): Promise<EventRow[]> {
    const start = {
      after_time: after ? clickhouseTime(after.time) : '1970-01-01 00:00:00.000',
      after_id: after?.id ?? '',
      limit,
    }
    const rows = await this.events.query<Record<string, unknown>>(eventsSql(where), { ...params, ...start })
    return this.names.inEvents(
      rows.map(
        (row) =>
          Object.fromEntries(Object.entries(row).filter(([, v]) => v !== null && v !== '')) as unknown as EventRow,
      ),
    )
  }

  private async rows(filter: ReportFilter, where: string, params: Record<string, unknown>): Promise<Row[]> {
    if (filter.kind === 'anomalies') return this.anomalies(filter, params)
    const rows = await this.events.query<Row>(
      rowsSql(filter.kind === 'by_customer' ? 'customer_id' : 'actor', where),
      params,
    )
    const names =
      filter.kind === 'by_customer' ? new Map<string, string>() : await this.names.of(rows.map((row) => row.key))
    return rows.map((row) => ({ ...numbersIn(row), name: names.get(row.key) }))
  }

  /** Each alert with what was done about it. */
  private async anomalies(filter: ReportFilter, params: Record<string, unknown>): Promise<Row[]> {
    const raised = await this.events.query<AlertRow>(alertsSql(filter.person !== undefined), params)
    const ids = raised.map((alert) => alert.id)
    const [states, frozen, names] = await Promise.all([
      ids.length
        ? this.store.db.select({ id: alerts.id, state: alerts.state }).from(alerts).where(inArray(alerts.id, ids))
        : [],
      ids.length ? this.store.db.select().from(freezes).where(inArray(freezes.alertId, ids)) : [],
      this.names.of(raised.map((alert) => alert.actor)),
    ])
    return raised.map((alert) => {
      const freeze = frozen.find((row) => row.alertId === alert.id)
      const done = [
        states.find((row) => row.id === alert.id)?.state ?? 'open',
        freeze && `frozen until ${freeze.until.toISOString()}`,
        freeze?.liftedAt && `lifted ${freeze.liftedAt.toISOString()}: ${freeze.liftReason}`,
      ]
      return {
        key: alert.id,
        name: `${alert.title} · ${names.get(alert.actor) ?? alert.actor}`,
        total: Math.round(alert.value),
        granted: 0,
        refused: 0,
        customers: 0,
        first: alert.time,
        note: done.filter(Boolean).join('; '),
      }
    })
  }
}

/** ClickHouse may send 64-bit counts as text. */
const numbersIn = <T extends object>(row: T): T =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      typeof value === 'string' && /^\d+$/.test(value) && key !== 'key' ? Number(value) : value,
    ]),
  ) as T
