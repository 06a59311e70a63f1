import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { and, isNotNull, lte, sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { FreezesService } from './freezes.service.js'
import { OutboxService } from './outbox.service.js'

const everyMs = 5000

/** Freezes end by themselves when their time is up, and say so: an event, and word to the dashboards. */
@Injectable()
export class TimeOuts implements OnModuleInit, OnModuleDestroy {
  private timer?: NodeJS.Timeout
  private sweeping?: Promise<void>

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly freezes: FreezesService,
    private readonly capture: CaptureService,
    private readonly outbox: OutboxService,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => this.logger.warn({ err: error }, 'time-outs: trying again'))
        .finally(() => (this.sweeping = undefined))
    }, everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer)
    await this.sweeping
  }

  private async sweep(): Promise<void> {
    const lifted = await this.store.db.transaction(async (tx) => {
      const over = await tx
        .select({ id: accounts.id, demo: accounts.demo })
        .from(accounts)
        .where(and(isNotNull(accounts.freezeId), lte(accounts.frozenUntil, sql`now()`)))
        .limit(100)
        .for('update', { skipLocked: true })
      for (const { id, demo } of over) {
        await this.freezes.lift(tx, id, 'system', 'time is up')
        await this.capture.append([
          this.capture.build('lift', 'granted', {
            actor: 'system',
            subject: id,
            reason: 'time is up',
            demo: demo || undefined,
          }),
        ])
      }
      return over.length
    })
    if (lifted) this.outbox.kick()
  }
}
