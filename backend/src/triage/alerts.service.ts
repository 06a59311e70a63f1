import { Inject, Injectable } from '@nestjs/common'
import type { AlertWithTriage, InputOf, ReplyOf, routes, Triage } from '@custodia/contracts'
import { and, desc, eq, lt, or } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { readCursor, writeCursor } from '../gateway/page-cursor.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, alerts, freezes } from '../record-store/schema.js'
import { asFreeze } from '../response/freeze-row.js'
import { OutboxService } from '../response/outbox.service.js'
import { EventsService } from './events.service.js'
import { NamesService } from './names.service.js'

type AlertRow = typeof alerts.$inferSelect
const shownEvents = 200

/** Alerts and what people did about them. Detection never reads this. */
@Injectable()
export class AlertsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly events: EventsService,
    private readonly names: NamesService,
    private readonly outbox: OutboxService,
  ) {}

  async list(access: Access, { query }: InputOf<typeof routes.alerts>): Promise<ReplyOf<typeof routes.alerts>> {
    const before = query.cursor === undefined ? undefined : readCursor(query.cursor)
    const rows = await this.store.db
      .select()
      .from(alerts)
      .where(
        and(
          query.state ? eq(alerts.state, query.state) : undefined,
          query.actor ? eq(alerts.actor, query.actor) : undefined,
          before
            ? or(lt(alerts.time, before.at), and(eq(alerts.time, before.at), lt(alerts.id, before.id)))
            : undefined,
        ),
      )
      .orderBy(desc(alerts.time), desc(alerts.id))
      .limit(query.limit + 1)
    const shown = rows.slice(0, query.limit)
    const items = await Promise.all(shown.map((row) => this.readable(row)))
    await access.grant({ fields: ['alerts'], count: items.length })
    const last = shown.at(-1)
    return { items, next: rows.length > query.limit && last ? writeCursor({ at: last.time, id: last.id }) : undefined }
  }

  async detail(access: Access, id: string): Promise<ReplyOf<typeof routes.alert>> {
    access.about({ record_id: id })
    const [row] = await this.store.db.select().from(alerts).where(eq(alerts.id, id))
    if (!row) throw new ProblemError('not_found')
    const evidence = await this.events.find({ ids: row.alert.evidence.slice(-shownEvents) }, shownEvents)
    const [freeze] = await this.store.db
      .select({ freeze: freezes, name: accounts.displayName })
      .from(freezes)
      .innerJoin(accounts, eq(accounts.id, freezes.accountId))
      .where(eq(freezes.alertId, id))
    await access.grant({ fields: ['alert'], count: evidence.items.length, subject: row.actor ?? undefined })
    return {
      ...(await this.readable(row)),
      events: evidence.items,
      freeze: freeze && (await this.names.inFreezes([asFreeze(freeze.freeze, freeze.name)]))[0],
    }
  }

  /** Optimistic locking: `version` is the one the reader saw. */
  async acknowledge(access: Access, { params, body }: InputOf<typeof routes.alertAcknowledge>): Promise<Triage> {
    access.about({ record_id: params.id, reason: 'acknowledge' })
    const triage = await this.store.db.transaction(async (tx) => {
      const [row] = await tx
        .update(alerts)
        .set({ state: 'acknowledged', by: access.who.id, changedAt: new Date(), version: body.version + 1 })
        .where(and(eq(alerts.id, params.id), eq(alerts.version, body.version)))
        .returning()
      if (!row) throw new ProblemError((await this.exists(params.id)) ? 'conflict' : 'not_found')
      const changed = triageOf(row, access.who.displayName)
      await this.outbox.putAlert(tx, { kind: 'triage', triage: changed })
      await access.grant()
      return changed
    })
    this.outbox.kick()
    return triage
  }

  private async exists(id: string): Promise<boolean> {
    const rows = await this.store.db.select({ id: alerts.id }).from(alerts).where(eq(alerts.id, id))
    return rows.length > 0
  }

  private async readable(row: AlertRow): Promise<AlertWithTriage> {
    const by = row.by ? (await this.names.of([row.by])).get(row.by) : undefined
    return { ...(await this.names.inAlert(row.alert)), triage: triageOf(row, by) }
  }
}

const triageOf = (row: AlertRow, byName?: string): Triage => ({
  alert_id: row.id,
  state: row.state,
  by: row.by ?? undefined,
  by_name: byName,
  at: row.changedAt?.toISOString(),
  version: row.version,
})
