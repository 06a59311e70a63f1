import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { AccessEvent } from '@custodia/contracts'
import { and, isNotNull, lte, sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService, type AccessFacts } from '../capture/capture.service.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { FreezesService } from './freezes.service.js'
import { MeasuresService } from './measures.service.js'
import { OutboxService } from './outbox.service.js'

const everyMs = 5000
const timeIsUp = 'time is up'

/** Freezes and measures end by themselves when their time is up, and say so: an event, and word to the dashboards. */
@Injectable()
export class TimeOuts implements OnModuleInit, OnModuleDestroy {
  private readonly sweeps = new Periodic(
    () => this.sweep(),
    (error) => this.logger.warn({ err: error }, 'time-outs: trying again'),
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly freezes: FreezesService,
    private readonly measures: MeasuresService,
    private readonly capture: CaptureService,
    private readonly outbox: OutboxService,
  ) {}

  onModuleInit(): void {
    this.sweeps.start(everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop()
  }

  private async sweep(): Promise<void> {
    const lifted = await this.store.serialisable(async (tx) => {
      const over = await tx
        .select({ id: accounts.id, demo: accounts.demo, drill: accounts.drill })
        .from(accounts)
        .where(and(isNotNull(accounts.freezeId), lte(accounts.frozenUntil, sql`now()`)))
        .limit(100)
        .for('update', { skipLocked: true })
      for (const { id } of over) await this.freezes.lift(tx, id, 'system', timeIsUp)
      const ended = await this.measures.endOver(tx)
      const events = [
        ...over.map(({ id, demo, drill }) =>
          this.event('lift', id, { demo: demo || undefined, drill: drill || undefined }),
        ),
        ...ended.map(({ accountId, kind, alertId }) =>
          this.event('restrict', accountId, { fields: [kind], record_id: alertId }),
        ),
      ]
      if (events.length) await this.capture.append(events)
      return events.length
    })
    if (lifted) this.outbox.kick()
  }

  private event(action: 'lift' | 'restrict', subject: string, facts: AccessFacts): AccessEvent {
    return this.capture.build(action, 'granted', { actor: 'system', subject, reason: timeIsUp, ...facts })
  }
}
