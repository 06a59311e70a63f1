import { Inject, Injectable } from '@nestjs/common'
import type { Report } from '@custodia/contracts'
import { inArray } from 'drizzle-orm'
import { DateTime } from 'luxon'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { RecordStore } from '../record-store/record-store.js'
import { alerts, freezes } from '../record-store/schema.js'
import { EventsService } from '../timelines/events.service.js'
import { NamesService } from '../timelines/names.service.js'
import { alertsSql, reportSeconds } from './report-queries.js'

type Freeze = typeof freezes.$inferSelect
type Row = Report['rows'][number]
interface Raised {
  id: string
  title: string
  actor: string
  value: number
  time: string
}

/** The alerts of a period, each with what was done about it. `refused` counts those that froze somebody, `granted` the others. */
@Injectable()
export class AnomaliesService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly events: EventsService,
    private readonly names: NamesService,
  ) {}

  async make(
    filter: { person?: string; withDemo: boolean },
    params: Record<string, unknown>,
  ): Promise<Pick<Report, 'totals' | 'per_day' | 'rows'>> {
    const raised = await this.events.query<Raised>(alertsSql(filter), params, reportSeconds)
    const ids = raised.map((alert) => alert.id)
    const [states, froze, names] = await Promise.all([
      ids.length ? this.store.db.select().from(alerts).where(inArray(alerts.id, ids)) : [],
      ids.length ? this.store.db.select().from(freezes).where(inArray(freezes.alertId, ids)) : [],
      this.names.of(raised.map((alert) => alert.actor)),
    ])
    const stateOf = new Map(states.map(({ id, state, verdict }) => [id, verdict ? `${state}: ${verdict}` : state]))
    const freezeOf = new Map(froze.map((row) => [row.alertId, row]))
    const rows = raised.map((alert): Row => {
      const freeze = freezeOf.get(alert.id)
      return {
        key: alert.id,
        name: `${alert.title} · ${names.get(alert.actor) ?? alert.actor}`,
        total: Math.round(alert.value),
        granted: freeze ? 0 : 1,
        refused: freeze ? 1 : 0,
        customers: 0,
        first: alert.time,
        note: whatWasDone(stateOf.get(alert.id) ?? 'open', freeze),
      }
    })
    const people = new Set(raised.map((alert) => alert.actor).filter(Boolean)).size
    return { rows, totals: { ...sum(rows), people, customers: 0 }, per_day: this.perDay(rows) }
  }

  private perDay(rows: Row[]): Report['per_day'] {
    const days = Map.groupBy(
      rows,
      (row) => DateTime.fromISO(row.first ?? '', { zone: this.config.timeZone }).toISODate() ?? '',
    )
    return [...days].map(([day, its]) => ({ day, granted: sum(its).granted, refused: sum(its).refused }))
  }
}

const sum = (rows: Row[]) => ({
  events: rows.length,
  granted: rows.reduce((total, row) => total + row.granted, 0),
  refused: rows.reduce((total, row) => total + row.refused, 0),
})

const whatWasDone = (state: string, freeze: Freeze | undefined): string =>
  [
    state,
    freeze && `frozen until ${freeze.until.toISOString()}`,
    freeze?.liftedAt && `lifted ${freeze.liftedAt.toISOString()}: ${freeze.liftReason}`,
  ]
    .filter(Boolean)
    .join('; ')
