import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { AccountRecord } from '@custodia/contracts'
import type { Consumer, EventLog } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER } from '../adapters.js'
import { Running } from '../gateway/running.js'

/** Hears of every freeze and every ended session, whichever gateway committed it, and cuts what is on its way out here. */
@Injectable()
export class Cutter implements OnModuleInit, OnModuleDestroy {
  private tail?: Consumer

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly running: Running,
  ) {}

  async onModuleInit(): Promise<void> {
    this.tail = this.log.tail({ topic: 'accounts' }, (records) => {
      for (const { value } of records) {
        const record = AccountRecord.safeParse(JSON.parse(Buffer.from(value).toString()))
        if (record.success) this.cut(record.data)
      }
    })
    // A gateway that cannot hear of freezes must not go on serving.
    this.tail.done.catch((error: unknown) => {
      this.logger.fatal({ err: error }, 'accounts topic lost')
      process.exit(1)
    })
    await this.tail.ready
  }

  async onModuleDestroy(): Promise<void> {
    await this.tail?.stop()
  }

  private cut(record: AccountRecord): void {
    if (record.kind === 'frozen') this.running.cut(record.freeze.account)
    if (record.kind === 'sessions_revoked') this.running.cut(record.account, record.sessions)
  }
}
