import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { AccessEvent } from '@custodia/contracts'
import { lte, sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { attemptLocks, attempts } from '../record-store/schema.js'
import type { GuessedFactor } from './attempt-rules.js'

const everyMs = 5000

/** A lock of one factor for strangers, and its end, as an event about the account. */
export const lockEvent = (
  capture: CaptureService,
  factor: string,
  subject: string,
  what: 'locked' | 'unlocked',
): AccessEvent =>
  capture.build('restrict', 'granted', {
    actor: 'system',
    subject,
    factor: factor as Exclude<GuessedFactor, 'setup'>,
    reason: what === 'locked' ? 'tried_from_many_networks' : 'time is up',
  })

/** Locks end by themselves and say so; counters that nobody needs any more go. Whichever gateway comes first does it. */
@Injectable()
export class AttemptLocks implements OnModuleInit, OnModuleDestroy {
  private readonly sweeps = new Periodic(
    () => this.sweep(),
    (error) => this.logger.warn({ err: error }, 'sign-in locks: trying again'),
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly capture: CaptureService,
  ) {}

  onModuleInit(): void {
    this.sweeps.start(everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop()
  }

  async sweep(): Promise<void> {
    const { db } = this.store
    await db.delete(attempts).where(lte(attempts.lastAt, sql`now() - interval '2 hours'`))
    await db.transaction(async (tx) => {
      const over = await tx
        .delete(attemptLocks)
        .where(lte(attemptLocks.until, sql`now()`))
        .returning({ factor: attemptLocks.factor, subject: attemptLocks.subject })
      if (over.length)
        await this.capture.append(
          over.map(({ factor, subject }) => lockEvent(this.capture, factor, subject, 'unlocked')),
        )
    })
  }
}
