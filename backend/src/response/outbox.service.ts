import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { AccountRecord, AlertRecord } from '@custodia/contracts'
import type { EventLog, NewRecord } from '@custodia/streams/event-log'
import { asc, inArray, sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER, RECORD_STORE } from '../adapters.js'
import { graceMs, within } from '../capture/within.js'
import { CONFIG, type Config } from '../config.js'
import { Periodic } from '../periodic.js'
import { locks } from '../record-store/locks.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { outbox } from '../record-store/schema.js'

/** Who signs out in one tab is gone from the others within a second. */
const sweepMs = 500

/**
 * Carries rows of the outbox to their topics: written in the transaction that made them true, published after it, removed
 * when the log has them. One relay at a time across gateways, in order of writing; a crash in between publishes twice.
 */
@Injectable()
export class OutboxService implements OnModuleInit, OnModuleDestroy {
  private readonly relay = new Periodic(
    () => this.publish(),
    (error) => this.logger.warn({ err: error }, 'outbox: not published yet, trying again'),
  )
  private readonly listeners = new Set<(record: AccountRecord) => void>()

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    // What a crashed gateway committed and did not publish, and what other processes wrote.
    this.relay.start(sweepMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.relay.stop()
  }

  async putAccount(tx: Queries, account: string, record: AccountRecord): Promise<void> {
    await tx.insert(outbox).values({ topic: 'accounts', key: account, value: record })
  }

  async putAlert(tx: Queries, record: AlertRecord): Promise<void> {
    await tx.insert(outbox).values({ topic: 'alerts', key: keyOf(record), value: record })
  }

  /** Who must act at once on what this process has committed, before the log has it. */
  onCommitted(listener: (record: AccountRecord) => void): void {
    this.listeners.add(listener)
  }

  /** Publishes what is committed, now. Call after the transaction, with what must not wait for the log here. */
  kick(...committed: AccountRecord[]): void {
    for (const record of committed) for (const listener of this.listeners) listener(record)
    this.relay.kick()
  }

  private async publish(): Promise<void> {
    while ((await this.publishSome()) > 0);
  }

  private publishSome(): Promise<number> {
    return this.store.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${locks.publishing})`)
      // Freezes before triage, however much of that is waiting.
      const urgent = sql`${outbox.topic} <> 'accounts'`
      const rows = await tx.select().from(outbox).orderBy(urgent, asc(outbox.id)).limit(500)
      for (const topic of ['accounts', 'alerts'] as const) {
        const records = rows.filter((row) => row.topic === topic).map(recordOf)
        if (records.length) await within(this.config.appendTimeoutMs + graceMs, this.log.appendAll(topic, records))
      }
      if (rows.length)
        await tx.delete(outbox).where(
          inArray(
            outbox.id,
            rows.map((row) => row.id),
          ),
        )
      return rows.length
    })
  }
}

const keyOf = (record: AlertRecord): string => {
  if (record.kind === 'raised') return record.alert.id
  if (record.kind === 'silence') return record.silence.id
  return record.kind === 'triage' ? record.triage.alert_id : record.context.alert_id
}

const recordOf = ({ key, value }: typeof outbox.$inferSelect): NewRecord => ({
  key,
  value: Buffer.from(JSON.stringify(value)),
})
