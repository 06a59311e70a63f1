import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { and, eq, lte, not, or, sql, type SQL } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { Administrators } from '../identity/administrators.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { powerChanges } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { PowerService } from './power.service.js'
import { waits } from './waiting.js'

const everyMs = 10_000

/** What nobody else could confirm takes effect when its time has come; what nobody went on with ends. */
@Injectable()
export class DueChanges implements OnModuleInit, OnModuleDestroy {
  private readonly sweeps = new Periodic(
    () => this.sweep(),
    (error) => this.logger.warn({ err: error }, 'changes of power: trying again'),
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly power: PowerService,
    private readonly administrators: Administrators,
    private readonly outbox: OutboxService,
  ) {}

  onModuleInit(): void {
    this.sweeps.start(everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop()
  }

  async sweep(): Promise<void> {
    await this.administrators.remember(this.store.db)
    const due = or(lte(powerChanges.dueAt, sql`now()`), not(waits as SQL))
    const rows = await this.store.db
      .select({ id: powerChanges.id })
      .from(powerChanges)
      .where(and(eq(powerChanges.state, 'waiting'), due))
    for (const { id } of rows) await this.settle(id)
    if (rows.length) this.outbox.kick()
  }

  /** Each once, whichever gateway looks: the second finds it ended. */
  private async settle(id: string): Promise<void> {
    await this.store.serialisable(async (tx) => {
      const row = await this.power.find(tx, id)
      const { change } = row
      if (change.state !== 'waiting') return
      if (!row.waits || !(await this.power.askerStands(tx, row))) return this.power.lapse(tx, change)
      const asker = { id: change.askedBy, demo: row.asker?.demo ?? false }
      const missed = await this.administrators.missedUntil(tx, asker)
      if (await this.administrators.isAnother(tx, asker)) {
        // Somebody has come who can confirm it: it is theirs to judge.
        await tx.update(powerChanges).set({ dueAt: null }).where(eq(powerChanges.id, id))
      } else if (missed > Date.now()) {
        await tx
          .update(powerChanges)
          .set({ dueAt: new Date(missed) })
          .where(eq(powerChanges.id, id))
      } else if (await this.power.carryOut(tx, row, 'system')) {
        await this.power.write('role_change', 'granted', change, 'nobody else could confirm it')
      } else await this.power.lapse(tx, change)
    })
  }
}
