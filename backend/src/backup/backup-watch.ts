import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { Metrics } from '../capture/metrics.js'
import { CONFIG, type Config } from '../config.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { Runs } from './runs.js'

const everyMs = 60_000
const remindEveryMs = 3_600_000

/** Knows how old the newest verified backup is, and raises the alarm when it is too old, or when a drill failed. */
@Injectable()
export class BackupWatch implements OnModuleInit, OnModuleDestroy {
  private readonly runs: Runs
  private readonly since = Date.now()
  private readonly looks = new Periodic(
    () => this.look(),
    (error) => this.logger.warn({ err: error }, 'the age of the newest backup is not known'),
  )
  private found: string[] = []
  private remindedAt = 0

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RECORD_STORE) store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {
    this.runs = new Runs(store)
  }

  onModuleInit(): void {
    if (!this.config.backup) return
    this.looks.start(everyMs)
    this.looks.kick()
  }

  async onModuleDestroy(): Promise<void> {
    await this.looks.stop()
  }

  /** What is wrong with the backups, as of a minute ago; empty when all is well. */
  warnings(): readonly string[] {
    return this.found
  }

  /** Finds out what `warnings` tells, and says it aloud: at once, and again every hour while it lasts. */
  async look(now = Date.now()): Promise<void> {
    this.found = await this.problems(now)
    if (this.found.length === 0) this.remindedAt = 0
    if (this.found.length === 0 || now - this.remindedAt < remindEveryMs) return
    this.remindedAt = now
    this.logger.error({ warnings: this.found }, 'backups need attention')
  }

  private async problems(now: number): Promise<string[]> {
    const maxAgeMs = this.config.backup?.maxAgeMs ?? Infinity
    const [verified, drill] = [await this.runs.newest('backup', 'verified'), await this.runs.newest('drill')]
    const found: string[] = []
    if (verified) this.metrics.backupAge.set({ state: 'verified' }, (now - verified.startedAt.getTime()) / 1000)
    // An installation that was set up just now has none yet; its age counts from here.
    if (now - (verified?.startedAt.getTime() ?? this.since) > maxAgeMs)
      found.push(verified ? 'the newest verified backup is too old' : 'there is no verified backup')
    if (drill?.state === 'failed') found.push('the last restore drill failed')
    return found
  }
}
