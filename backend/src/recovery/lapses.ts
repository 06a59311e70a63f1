import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { and, inArray, not, type SQL } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { underWay } from '../record-store/recovery-row.js'
import { recoveries } from '../record-store/schema.js'

const everyMs = 60_000

/** A reset that nobody went on with ends by itself, and that is written down like every other end of one. */
@Injectable()
export class Lapses implements OnModuleInit, OnModuleDestroy {
  private readonly sweeps = new Periodic(
    () => this.sweep(),
    (error) => this.logger.warn({ err: error }, 'lapsed resets: trying again'),
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

  /** Each once, whichever gateway looks: the statement that ends them names them. */
  async sweep(): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      const over = await tx
        .update(recoveries)
        .set({ state: 'lapsed', endedAt: new Date(), cancelHash: null })
        .where(and(inArray(recoveries.state, ['asked', 'waiting']), not(underWay as SQL)))
        .returning({ id: recoveries.id, subject: recoveries.accountId })
      const events = over.map(({ id, subject }) =>
        this.capture.build('approval', 'failed', { actor: 'system', record_id: id, subject, reason: 'lapsed' }),
      )
      if (events.length) await this.capture.append(events)
    })
  }
}
