import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { and, eq, inArray, isNull, lte, sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, approvals } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { systemAlert } from '../response/system-alert.js'
import { frozenSince } from './approval-row.js'

const everyMs = 5000

/** What the clock and freezes do to approvals by themselves, said aloud: those that are over, and reviews that nobody has made. */
@Injectable()
export class OverdueReviews implements OnModuleInit, OnModuleDestroy {
  private readonly sweeps = new Periodic(
    () => this.sweep(),
    (error) => this.logger.warn({ err: error }, 'approvals: trying again'),
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly capture: CaptureService,
    private readonly outbox: OutboxService,
  ) {}

  onModuleInit(): void {
    this.sweeps.start(everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop()
  }

  async sweep(): Promise<void> {
    await this.endOver()
    if (await this.tellOverdue()) this.outbox.kick()
  }

  /** They do not work any more by then; this is the event that says so. */
  private async endOver(): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      const over = await tx
        .select({ id: approvals.id, requester: approvals.requester, frozen: frozenSince })
        .from(approvals)
        .where(and(isNull(approvals.endedAt), sql`(${approvals.until} <= now() or ${frozenSince})`))
        .limit(100)
        .for('update', { skipLocked: true, of: approvals })
      if (!over.length) return
      for (const frozen of [true, false]) {
        const ids = over.filter((row) => row.frozen === frozen).map(({ id }) => id)
        const endReason = frozen ? 'frozen' : 'time is up'
        if (ids.length)
          await tx
            .update(approvals)
            .set({ endedAt: sql`now()`, endedBy: 'system', endReason })
            .where(inArray(approvals.id, ids))
      }
      await this.capture.append(
        over.map(({ id, requester, frozen }) =>
          this.capture.build('approval', 'granted', {
            actor: 'system',
            subject: requester,
            record_id: id,
            approval_id: id,
            reason: frozen ? 'frozen' : 'time is up',
          }),
        ),
      )
    })
  }

  private async tellOverdue(): Promise<boolean> {
    return this.store.db.transaction(async (tx) => {
      const late = await tx
        .select({ id: approvals.id, requester: approvals.requester, name: accounts.displayName })
        .from(approvals)
        .innerJoin(accounts, eq(accounts.id, approvals.requester))
        .where(and(isNull(approvals.reviewedAt), eq(approvals.overdueTold, false), lte(approvals.reviewBy, sql`now()`)))
        .limit(100)
        .for('update', { skipLocked: true, of: approvals })
      for (const { id, requester, name } of late) {
        const alert = systemAlert({
          rule: 'break-glass-review',
          title: 'An emergency access was not reviewed in time',
          text: {
            en: `The emergency access of ${name} has waited for its review for more than a day. Review it now.`,
            zh: `${name} 的紧急访问超过一天仍未复核。请立即复核。`,
          },
          eventId: id,
          actor: requester,
          at: new Date(),
        })
        await this.outbox.putAlert(tx, { kind: 'raised', alert })
        await tx.update(approvals).set({ overdueTold: true }).where(eq(approvals.id, id))
      }
      return late.length > 0
    })
  }
}
