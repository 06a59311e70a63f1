import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import type { InputOf, routes } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import { BaselineBook, BaselineKeeper, usualOfPerson } from '@custodia/streams/detection/baselines'
import type { EventLog } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { AUDIT_STORE, EVENT_LOG, LOGGER } from '../adapters.js'
import { answering } from '../capture/within.js'
import type { Access } from '../gateway/access.js'
import { NamesService } from '../timelines/names.service.js'
import { CONFIG, type Config } from '../config.js'

/** Freezes what is usual once a day, here because the gateway may read the audit store; several gateways do no harm. */
@Injectable()
export class BaselinesService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly keeper: BaselineKeeper
  private readonly book: BaselineBook

  constructor(
    @Inject(EVENT_LOG) log: EventLog,
    @Inject(AUDIT_STORE) private readonly store: AuditStore,
    @Inject(CONFIG) { timeZone, appendTimeoutMs }: Config,
    @Inject(LOGGER) logger: Logger,
    private readonly names: NamesService,
  ) {
    this.book = new BaselineBook(log, Date.now)
    this.keeper = new BaselineKeeper({
      log: answering(log, appendTimeoutMs),
      store,
      book: this.book,
      timeZone,
      now: Date.now,
      failed: (error) => logger.warn({ error }, 'what is usual was not frozen; yesterday’s stays in force'),
    })
  }

  /** Looking at somebody's habits is an access like looking at what they did. */
  async ofPerson(access: Access, { params: { id } }: InputOf<typeof routes.personUsual>) {
    access.about({ subject: id, fields: ['usual'] })
    const [usual, names] = await Promise.all([
      usualOfPerson({ store: this.store, book: this.book }, id, Date.now()),
      this.names.of([id]),
    ])
    await access.grant({ count: usual.counted })
    return { ...usual, name: names.get(id) }
  }

  onApplicationBootstrap(): void {
    this.keeper.start()
  }

  async onModuleDestroy(): Promise<void> {
    await this.keeper.stop()
  }
}
