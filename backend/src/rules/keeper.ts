import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { RuleProblem } from '@custodia/contracts'
import { newestRuleSet, publishRules, watchRuleFiles } from '@custodia/streams/detection'
import type { EventLog } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER, RECORD_STORE } from '../adapters.js'
import { answering } from '../capture/within.js'
import { CONFIG, type Config } from '../config.js'
import type { RecordStore } from '../record-store/record-store.js'
import { Importer } from './importer.js'
import { liveFiles, lockRules } from './rule-rows.js'
import { RuleWorkshop } from './rule-workshop.js'

const settleMs = 200
const [firstMs, everyMs] = [500, 15_000]

/** Keeps what detection judges by the same as what the record store says is in force, and takes in what comes as files. */
@Injectable()
export class RuleKeeper implements OnModuleInit, OnModuleDestroy {
  private timer?: NodeJS.Timeout
  private unwatch = (): void => undefined
  private working: Promise<void> = Promise.resolve()
  /** why files of the house, or cases of either, cannot be used: the set tells it, and has nothing of them */
  private problems: RuleProblem[] = []
  private stopped = false

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly importer: Importer,
    private readonly workshop: RuleWorkshop,
  ) {}

  onModuleInit(): void {
    void this.look()
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true
    await this.working
    clearTimeout(this.timer)
    this.unwatch()
  }

  /** Publishes what is in force; when that fails it is tried again, and the change stays as it was decided. */
  publish(): Promise<void> {
    return (this.working = this.working.then(() => this.publishNow()).catch((error: unknown) => this.failed(error)))
  }

  private look(): Promise<void> {
    return (this.working = this.working.then(() => this.lookNow()).catch((error: unknown) => this.failed(error)))
  }

  /** Files, then the set; again after a while, so that nothing that failed once stays undone. */
  private async lookNow(): Promise<void> {
    if (this.stopped) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.look(), firstMs)
    const imported = await this.importer.run()
    if (!imported) return // detection has not begun: there is no set to take over
    this.watch()
    const changed = JSON.stringify(imported.problems) !== JSON.stringify(this.problems)
    this.problems = imported.problems
    if (changed || !(await this.isPublished())) await this.publishNow()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.look(), everyMs)
  }

  private watch(): void {
    this.unwatch()
    this.unwatch = watchRuleFiles(this.config.rulesDirs.slice(-1), {
      settleMs,
      changed: () => void this.look(),
      failed: (error) => this.failed(error),
    })
  }

  private async isPublished(): Promise<boolean> {
    const [set, files] = [await newestRuleSet(this.log), await liveFiles(this.store.db)]
    return JSON.stringify(set?.files) === JSON.stringify(files)
  }

  private async publishNow(): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      await lockRules(tx)
      const files = await liveFiles(tx)
      if (!files.length) return
      const log = answering(this.log, this.config.appendTimeoutMs)
      const set = await publishRules(log, files, Date.now(), (...input) =>
        this.workshop.ask('set', ...input, this.problems),
      )
      if (set)
        this.logger.info({ version: set.version, rules: set.rules.length, problems: set.problems }, 'rules published')
    })
  }

  private failed(error: unknown): void {
    if (!this.stopped) this.logger.warn({ err: error }, 'rules: trying again')
  }
}
