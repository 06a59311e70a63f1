import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { AlertRecord, type Alert } from '@custodia/contracts'
import type { EventLog, LogRecord } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { alerts } from '../record-store/schema.js'
import { KeptConsumer } from './kept-consumer.js'
import { Ladder } from './ladder.js'
import { OutboxService } from './outbox.service.js'

const group = 'response'

/**
 * ④ What an alert asks for, done once however often it is delivered: the alert's row, its measures, their events and the word to
 * every gateway are one transaction; the row's key makes a second delivery a no-op.
 */
@Injectable()
export class Responder implements OnModuleInit, OnModuleDestroy {
  private consumer?: KeptConsumer

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly ladder: Ladder,
    private readonly capture: CaptureService,
    private readonly outbox: OutboxService,
  ) {}

  onModuleInit(): void {
    const open = () =>
      this.log.consume(
        { group, topic: 'alerts' },
        {
          batch: async (partition, records) => {
            for (const record of records) await this.handle(record)
            const last = records.at(-1)
            if (last) await partition.commit(last.offset + 1)
            this.consumer?.progressed()
          },
        },
      )
    // Until it succeeds readiness tells of its lag: a response that cannot be carried out does not look alive.
    const onFailure = (error: unknown) => this.logger.error({ err: error }, 'response: reading the alert again')
    this.consumer = new KeptConsumer(open, onFailure)
  }

  async onModuleDestroy(): Promise<void> {
    await this.consumer?.stop()
  }

  private async handle(record: LogRecord): Promise<void> {
    const parsed = AlertRecord.safeParse(JSON.parse(Buffer.from(record.value).toString()))
    if (!parsed.success)
      return this.logger.error({ offset: record.offset }, 'alerts: a record that is no alert was passed over')
    if (parsed.data.kind !== 'raised') return
    const { alert } = parsed.data
    const freeze = await this.store.serialisable(async (tx) => {
      if (!(await this.isNew(tx, alert, record.offset))) return undefined
      const done = await this.ladder.climb(tx, alert)
      if (done.events.length) await this.capture.append(done.events)
      return done.freeze
    })
    this.outbox.kick(...(freeze ? [{ kind: 'frozen' as const, freeze }] : []))
  }

  private async isNew(tx: Queries, alert: Alert, logOffset: number): Promise<boolean> {
    const inserted = await tx
      .insert(alerts)
      .values({
        id: alert.id,
        time: new Date(alert.time),
        rule: alert.rule,
        severity: alert.severity,
        actor: alert.actor,
        alert,
        demo: alert.demo ?? false,
        drill: alert.drill ?? false,
        logOffset,
      })
      .onConflictDoNothing()
      .returning({ id: alerts.id })
    return inserted.length > 0
  }
}
