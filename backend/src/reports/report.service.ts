import { Inject, Injectable } from '@nestjs/common'
import type { EventRow, Report } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { RecordStore } from '../record-store/record-store.js'
import { settings } from '../record-store/schema.js'
import { clickhouseTime, EventsService } from '../timelines/events.service.js'
import { NamesService } from '../timelines/names.service.js'
import { AnomaliesService } from './anomalies.service.js'
import {
  coversSql,
  eventsSql,
  kindSql,
  perDaySql,
  reportSeconds,
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
    private readonly anomalies: AnomaliesService,
  ) {}

  async make(filter: ReportFilter): Promise<Report> {
    const { where, params, withDemo } = await this.select(filter)
    const covers = await this.events.query<Report['covers'][number]>(coversSql(where), params, reportSeconds)
    const found =
      filter.kind === 'anomalies'
        ? await this.anomalies.make({ person: filter.person, withDemo }, params)
        : await this.count(filter, where, params)
    return {
      kind: filter.kind,
      from: filter.from.toISOString(),
      to: filter.to.toISOString(),
      person: filter.person,
      customer: filter.customer,
      made_at: new Date().toISOString(),
      covers: covers.map(numbersIn),
      ...found,
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
    const withDemo = demo !== undefined
    return {
      where: [kindSql[filter.kind], scopeSql({ ...filter, withDemo })].filter(Boolean).join(' and '),
      params,
      withDemo,
    }
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
    const rows = await this.events.query<Record<string, unknown>>(
      eventsSql(where),
      { ...params, ...start },
      reportSeconds,
    )
    return this.names.inEvents(
      rows.map(
        (row) =>
          Object.fromEntries(Object.entries(row).filter(([, v]) => v !== null && v !== '')) as unknown as EventRow,
      ),
    )
  }

  private async count(
    filter: ReportFilter,
    where: string,
    params: Record<string, unknown>,
  ): Promise<Pick<Report, 'totals' | 'per_day' | 'rows'>> {
    const key = filter.kind === 'by_customer' ? 'customer_id' : 'actor'
    const [totals] = await this.events.query<Report['totals']>(totalsSql(where), params, reportSeconds)
    const perDay = await this.events.query<Report['per_day'][number]>(perDaySql(where), params, reportSeconds)
    const rows = await this.events.query<Report['rows'][number]>(rowsSql(key, where), params, reportSeconds)
    const names = key === 'actor' ? await this.names.of(rows.map((row) => row.key)) : new Map<string, string>()
    return {
      totals: numbersIn(totals ?? { events: 0, granted: 0, refused: 0, people: 0, customers: 0 }),
      per_day: perDay.map(({ day, granted, refused }) => ({ day, granted: Number(granted), refused: Number(refused) })),
      rows: rows.map((row) => ({ ...numbersIn(row), name: names.get(row.key) })),
    }
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
