import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { AccountRecord, AlertRecord } from '@custodia/contracts'
import type { Consumer, EventLog, LogRecord } from '@custodia/streams/event-log'
import { eq } from 'drizzle-orm'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER, RECORD_STORE } from '../adapters.js'
import { BackupWatch } from '../backup/backup-watch.js'
import { CalendarWatch } from '../capture/calendar-watch.js'
import { CONFIG, type Config } from '../config.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { NamesService } from '../timelines/names.service.js'
import { SilencesService } from '../triage/silences.service.js'
import { Deliveries } from './deliveries.js'
import { Sender } from './sender.js'
import { accountTold, alertTold, backupTold, calendarTold, type Told } from './told.js'

const group = 'notices'
const restartMs = 5000
const backupsEveryMs = 60_000
const calendarEveryMs = 3_600_000
/** What lay longer, because everything stood still or was restored, is no news: the pages show it. */
const newsMs = 48 * 3_600_000

/** Hears what people may have to be told of. Never in the way of a response: it has a place of its own in the log. */
@Injectable()
export class Listener implements OnModuleInit, OnModuleDestroy {
  private readonly consumers = new Map<string, Consumer>()
  private readonly timers = new Set<NodeJS.Timeout>()
  private readonly looks = [
    [backupsEveryMs, this.watching('backups', () => this.lookAtBackups())],
    [calendarEveryMs, this.watching('the calendar', () => this.lookAtCalendar())],
  ] as const
  private stopped = false

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly names: NamesService,
    private readonly silences: SilencesService,
    private readonly backups: BackupWatch,
    private readonly calendar: CalendarWatch,
    private readonly deliveries: Deliveries,
    private readonly sender: Sender,
  ) {}

  onModuleInit(): void {
    this.follow('alerts', (record) => this.ofAlert(record))
    this.follow('accounts', (record) => this.ofAccount(record))
    for (const [everyMs, look] of this.looks) look.start(everyMs)
    for (const found of this.calendar.warnings())
      this.logger[found.late ? 'error' : 'warn']({ year: found.year }, `calendar: ${found.en}`)
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true
    for (const timer of this.timers) clearTimeout(timer)
    const stops = [...this.looks.map(([, look]) => look), ...this.consumers.values()]
    await Promise.all(stops.map((each) => each.stop()))
  }

  private watching(what: string, look: () => Promise<void>): Periodic {
    return new Periodic(look, (err) =>
      this.logger.warn({ err }, `notices: the alarm about ${what} waits for the record store`),
    )
  }

  private follow(topic: 'alerts' | 'accounts', read: (record: LogRecord) => Promise<Told | undefined>): void {
    if (this.stopped) return
    const consumer = this.log.consume(
      { group, topic },
      {
        batch: async (partition, records) => {
          for (const record of records) {
            if (Date.now() - record.appendedAt > newsMs) continue
            const told = await read(record)
            if (told) await this.deliveries.announce(told, new Date(record.appendedAt))
          }
          const last = records.at(-1)
          if (last) await partition.commit(last.offset + 1)
          this.sender.kick()
        },
      },
    )
    this.consumers.set(topic, consumer)
    // Without notices the gate still works: it is tried again, not ended.
    consumer.done.catch((error: unknown) => {
      this.logger.error({ err: error, topic }, 'notices: stopped hearing, trying again')
      this.timers.add(setTimeout(() => this.follow(topic, read), restartMs))
    })
  }

  private async ofAlert(record: LogRecord): Promise<Told | undefined> {
    const parsed = AlertRecord.safeParse(jsonOf(record))
    if (!parsed.success || parsed.data.kind !== 'raised') return undefined // the response logs what is no alert
    if (await this.silences.covers(parsed.data.alert)) return undefined
    return alertTold(await this.names.inAlert(parsed.data.alert))
  }

  private async ofAccount(record: LogRecord): Promise<Told | undefined> {
    const { success, data } = AccountRecord.safeParse(jsonOf(record))
    if (!success) return undefined
    const { account, lifted_by, lift_asked_by, by } = { ...('freeze' in data ? data.freeze : data) } as Partial<
      Record<'account' | 'by' | 'lifted_by' | 'lift_asked_by', string>
    >
    const names = await this.names.of([account, by, lifted_by, lift_asked_by])
    const told = accountTold(data, (id) => names.get(id) ?? id, this.config.timeZone)
    return told && { ...told, notice: { ...told.notice, demo: await this.isDemo(account) } }
  }

  private async isDemo(id = ''): Promise<boolean> {
    const [row] = await this.store.db.select({ demo: accounts.demo }).from(accounts).where(eq(accounts.id, id))
    return row?.demo ?? false
  }

  /** The watch looks at them, this tells what it has found: once a day as long as it is the same. */
  async lookAtBackups(): Promise<void> {
    const warnings = this.backups.warnings()
    if (warnings.length) await this.tell(backupTold(warnings, new Date()), new Date())
  }

  /** Not in the first hour of a process: there is time, and who has just started it is told by its log. */
  async lookAtCalendar(now = new Date()): Promise<void> {
    for (const warning of this.calendar.warnings(now)) await this.tell(calendarTold(warning, now), now)
  }

  private async tell(told: Told, now: Date): Promise<void> {
    await this.deliveries.announce(told, now)
    this.sender.kick()
  }
}

const jsonOf = (record: LogRecord): unknown => JSON.parse(Buffer.from(record.value).toString())
