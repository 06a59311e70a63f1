import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { AccountRecord } from '@custodia/contracts'
import type { Consumer, EventLog, LogRecord } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER } from '../adapters.js'
import { Hearing } from '../gateway/hearing.js'
import { Running } from '../gateway/running.js'
import { OutboxService } from './outbox.service.js'

/** How often the end of the topic is compared with what was heard of it. */
const everyMs = 1000
/** Questions that wait for an answer: of a long silence the older ones tell nothing more. */
const mostAsked = 60

/**
 * Hears of every freeze and every ended session, whichever gateway committed it, and cuts what is on its way out here; what
 * this gateway commits itself it acts on before the topic has it. A gateway that hears nothing more must not go on serving:
 * it asks the log where the topic ends, and is in touch as of that question once it has heard so far. Nothing is written
 * for it, and a topic in which nothing happens is heard in full.
 */
@Injectable()
export class Cutter implements OnModuleInit, OnModuleDestroy {
  private tail?: Consumer
  private timer?: NodeJS.Timeout
  private heard = 0
  /** asked at a moment, not yet heard so far */
  private readonly asked: { at: number; end: number }[] = []
  private asking = false
  private wasLost = false

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly running: Running,
    private readonly hearing: Hearing,
    private readonly outbox: OutboxService,
  ) {}

  async onModuleInit(): Promise<void> {
    this.outbox.onCommitted((record) => this.cut(record))
    this.heard = await this.end()
    this.tail = this.log.tail({ topic: 'accounts', from: { 0: this.heard } }, (records) => this.hear(records))
    // The log itself said that it is over for this reader.
    this.tail.done.catch((error: unknown) => {
      this.logger.fatal({ err: error }, 'accounts topic lost')
      process.exit(1)
    })
    await this.tail.ready
    this.hearing.heardUntil(performance.now())
    this.timer = setInterval(() => this.ask(), everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer)
    await this.tail?.stop()
  }

  private hear(records: LogRecord[]): void {
    for (const { value, offset } of records) {
      const record = AccountRecord.safeParse(JSON.parse(Buffer.from(value).toString()))
      if (record.success) this.cut(record.data)
      this.heard = offset + 1
    }
    this.conclude()
  }

  private cut(record: AccountRecord): void {
    if (record.kind === 'frozen') this.running.cut(record.freeze.account, { cause: record.freeze.cause })
    if (record.kind === 'sessions_revoked') this.running.cut(record.account, { sessions: record.sessions })
  }

  private ask(): void {
    if (this.hearing.lost !== this.wasLost) this.turn()
    if (this.asking) return
    this.asking = true
    const at = performance.now()
    this.end()
      .then((end) => {
        this.asked.push({ at, end })
        if (this.asked.length > mostAsked) this.asked.shift()
        this.conclude()
      })
      .catch((error: unknown) => this.logger.warn({ err: error }, 'accounts topic: its end is not known right now'))
      .finally(() => (this.asking = false))
  }

  private conclude(): void {
    while (this.asked[0] && this.asked[0].end <= this.heard) this.hearing.heardUntil(this.asked.shift()!.at)
  }

  /** What is on its way could not be stopped any more: it is cut as well. */
  private turn(): void {
    this.wasLost = this.hearing.lost
    if (this.wasLost) {
      this.logger.error('out of touch: freezes are not heard of, nothing protected is served')
      this.running.cutAll()
    } else this.logger.info('in touch again')
  }

  private async end(): Promise<number> {
    return (await this.log.range('accounts'))[0]?.end ?? 0
  }
}
