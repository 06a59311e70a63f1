import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { AlertRecord, type Alert } from '@custodia/contracts'
import type { Consumer, EventLog, LogRecord } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { alerts } from '../record-store/schema.js'
import { FreezesService } from './freezes.service.js'
import { OutboxService } from './outbox.service.js'

const group = 'response'

/**
 * ④ What an alert asks for, done once however often it is delivered: the alert's row, the freeze, its event and the word to
 * every gateway are one transaction; the row's key makes a second delivery a no-op.
 */
@Injectable()
export class Responder implements OnModuleInit, OnModuleDestroy {
  private consumer?: Consumer

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly freezes: FreezesService,
    private readonly capture: CaptureService,
    private readonly outbox: OutboxService,
  ) {}

  onModuleInit(): void {
    this.consumer = this.log.consume(
      { group, topic: 'alerts' },
      {
        batch: async (partition, records) => {
          for (const record of records) await this.handle(record)
          const last = records.at(-1)
          if (last) await partition.commit(last.offset + 1)
        },
      },
    )
    // A response that cannot be carried out must not look alive: the process ends and reads the alert again.
    this.consumer.done.catch((error: unknown) => {
      this.logger.fatal({ err: error }, 'response stopped')
      process.exit(1)
    })
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
    await this.store.db.transaction(async (tx) => {
      if (!(await this.isNew(tx, alert, record.offset))) return
      await this.respond(tx, alert)
    })
    this.outbox.kick()
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
        logOffset,
      })
      .onConflictDoNothing()
      .returning({ id: alerts.id })
    return inserted.length > 0
  }

  private async respond(tx: Queries, alert: Alert): Promise<void> {
    const freeze = alert.respond.find((response) => response.do === 'freeze')
    if (!freeze || alert.mode !== 'live' || !alert.may_freeze || !alert.actor) return
    const until = new Date(Date.now() + (freeze.for_seconds ?? 3600) * 1000)
    try {
      const set = await this.freezes.freeze(tx, {
        account: alert.actor,
        reason: alert.title,
        until,
        by: 'system',
        rule: alert.rule,
        ruleVersion: alert.rule_version,
        alertId: alert.id,
        text: alert.text,
      })
      if (!set) return
    } catch (error) {
      // Nobody to freeze (an outside account), or the last administrator: the alert stands, the desk decides.
      if (error instanceof ProblemError)
        return this.logger.warn({ code: error.code, alert: alert.id }, 'freeze not carried out')
      throw error
    }
    const facts = { actor: 'system', subject: alert.actor, record_id: alert.id, reason: alert.rule, demo: alert.demo }
    await this.capture.append([this.capture.build('freeze', 'granted', facts)])
  }
}
