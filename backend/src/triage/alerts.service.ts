import { Inject, Injectable } from '@nestjs/common'
import type { AlertWithTriage, InputOf, ReplyOf, routes } from '@custodia/contracts'
import { desc, eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { writeCursor } from '../gateway/page-cursor.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, alerts, freezes } from '../record-store/schema.js'
import { asFreeze } from '../response/freeze-row.js'
import { triageOf, peopleOf, whereAlerts, type AlertRow } from './alert-rows.js'
import { EventsService } from '../timelines/events.service.js'
import { NamesService } from '../timelines/names.service.js'
import { adviceOf } from '../rules/rule-advice.js'
import { RulesService } from '../rules/rules.service.js'
import { repeatsOf, TriageService } from './triage.service.js'

const shownEvents = 200

/** Alerts as people read them, with what people did about them. Detection never reads this. */
@Injectable()
export class AlertsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly events: EventsService,
    private readonly names: NamesService,
    private readonly triage: TriageService,
    private readonly rules: RulesService,
  ) {}

  async list(access: Access, { query }: InputOf<typeof routes.alerts>): Promise<ReplyOf<typeof routes.alerts>> {
    const rows = await this.store.db
      .select()
      .from(alerts)
      .where(whereAlerts(query))
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
    const [evidence, [freeze], changes, repeats, rules] = await Promise.all([
      this.events.find({ ids: row.alert.evidence.slice(-shownEvents) }, shownEvents),
      this.store.db
        .select({ freeze: freezes, account: { displayName: accounts.displayName, drill: accounts.drill } })
        .from(freezes)
        .innerJoin(accounts, eq(accounts.id, freezes.accountId))
        .where(eq(freezes.alertId, id)),
      this.triage.history(id),
      repeatsOf(this.store.db, row),
      this.rules.current().catch(() => undefined), // an alert is read without its rule, too
    ])
    await access.grant({ fields: ['alert'], count: evidence.items.length, subject: row.actor ?? undefined })
    return {
      ...(await this.readable(row)),
      events: evidence.items,
      freeze: freeze && (await this.names.inFreezes([asFreeze(freeze.freeze, freeze.account)]))[0],
      advice: rules && adviceOf(rules, row.alert.rule),
      changes,
      repeats: repeats.map((each) => ({
        id: each.id,
        time: each.time.toISOString(),
        value: each.alert.value,
        merged: each.mergedInto !== null,
      })),
    }
  }

  private async readable(row: AlertRow): Promise<AlertWithTriage> {
    const names = await this.names.of(peopleOf(row))
    const context = row.context ?? undefined
    return { ...(await this.names.inAlert(row.alert)), triage: triageOf(row, names), context }
  }
}
