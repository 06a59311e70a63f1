import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { AlertContext } from '@custodia/contracts'
import { desc, eq, inArray, lte, sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../../adapters.js'
import { Periodic } from '../../periodic.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { alerts } from '../../record-store/schema.js'
import { OutboxService } from '../../response/outbox.service.js'
import type { AlertRow } from '../alert-rows.js'
import { AlertContextService } from './alert-context.service.js'

const everyMs = 1_000
const freshMs = 5_000
const atOnce = 5
/** What was claimed is free again after this, should its gateway die. */
const claimSeconds = 30
/** Events land within a second or two; what has not come by then is looked up without. */
const patienceMs = 60_000
/** Pages have older alerts from the record store. */
const newsMs = 24 * 3_600_000

/**
 * Looks up the numbers of alerts soon after they were raised, then each time that they are twice as old, since attempts and
 * verdicts go on coming in, and for the last time when their window is over; open pages are told.
 * Any gateway may do it, each alert by one at a time.
 */
@Injectable()
export class ContextWorker implements OnModuleInit, OnModuleDestroy {
  private readonly rounds = new Periodic(
    () => this.lookUpDue(),
    (error) => this.logger.warn({ err: error }, 'alerts: their numbers are looked up later'),
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly contexts: AlertContextService,
    private readonly outbox: OutboxService,
  ) {}

  onModuleInit(): void {
    this.rounds.start(everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.stop()
  }

  private async lookUpDue(): Promise<void> {
    for (const row of await this.claim()) {
      if (this.rounds.stopped) return
      await this.lookUp(row)
    }
  }

  private claim(): Promise<AlertRow[]> {
    const due = this.store.db
      .select({ id: alerts.id })
      .from(alerts)
      .where(lte(alerts.contextDue, sql`now()`))
      .orderBy(desc(alerts.time))
      .limit(atOnce)
      .for('update', { skipLocked: true })
    return this.store.db
      .update(alerts)
      .set({ contextDue: sql`now() + make_interval(secs => ${claimSeconds})` })
      .where(inArray(alerts.id, due))
      .returning()
  }

  private async lookUp({ id, alert }: AlertRow): Promise<void> {
    const final = this.contexts.finalAt(alert)
    const age = Date.now() - Date.parse(alert.time)
    const context = await this.contexts.of(alert, age < patienceMs)
    if (!context) return this.put(id, new Date(Date.now() + everyMs))
    const again = Math.min(Date.now() + Math.max(age, freshMs), final + everyMs)
    await this.put(id, Date.now() < final ? new Date(again) : null, context, age < newsMs ? context : undefined)
    this.outbox.kick()
  }

  private async put(id: string, contextDue: Date | null, context?: AlertContext, news?: AlertContext): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      await tx
        .update(alerts)
        .set(context ? { contextDue, context } : { contextDue })
        .where(eq(alerts.id, id))
      if (news) await this.outbox.putAlert(tx, { kind: 'context', context: news })
    })
  }
}
