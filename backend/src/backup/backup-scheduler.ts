import { fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { Logger } from 'pino'
import { LOGGER, PHOTO_STORE, RECORD_STORE } from '../adapters.js'
import { CONFIG, environmentWith, type Config } from '../config.js'
import type { PhotoStore } from '../photo-store/photo-store.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { removeNotedObjects } from '../vault/photos/photo-removals.js'
import { backupDue, drillDue, lastSlot } from './due.js'
import { Runs } from './runs.js'

const everyMs = 60_000
const cli = fileURLToPath(new URL('../cli/custodia.js', import.meta.url))
/** Behind everything that somebody waits for. */
const niceness = 10

/**
 * Starts backups and drills when they are due, each in a process of its own, so that no access waits for its encrypting. Every
 * gateway does; the lock that a backup takes lets one of them through.
 */
@Injectable()
export class BackupScheduler implements OnModuleInit, OnModuleDestroy {
  private readonly runs: Runs
  private readonly stopping = new AbortController()
  private readonly ticks = new Periodic(
    () => this.tick(),
    (error) => this.logger.warn({ err: error }, 'backups could not be scheduled, trying again'),
  )

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(PHOTO_STORE) private readonly photos: PhotoStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.runs = new Runs(store)
  }

  onModuleInit(): void {
    if (this.config.backup) this.ticks.start(everyMs)
  }

  /** A backup that is under way is ended; what it wrote is cleared away by the next one. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort()
    await this.ticks.stop()
  }

  /**
   * What is to be done now, by what all gateways have written down. Without a daily time backups are made by hand; the drill
   * tries them every month all the same.
   */
  async due(dailyAt: string | undefined, timeZone: string, now: Date): Promise<'backup' | 'drill' | undefined> {
    const verified = await this.runs.newest('backup', 'verified')
    const isDue =
      dailyAt && backupDue(lastSlot(dailyAt, timeZone, now), now, verified, await this.runs.newest('backup'))
    if (isDue) return 'backup'
    const [passed, newest] = [await this.runs.newest('drill', 'verified'), await this.runs.newest('drill')]
    return drillDue(timeZone, now, passed, newest, verified) ? 'drill' : undefined
  }

  private async tick(): Promise<void> {
    const { backup, timeZone } = this.config
    const due = await this.due(backup?.dailyAt, timeZone, new Date())
    if (due === 'backup') await this.run('backup', '--scheduled')
    else if (due === 'drill') await this.run('restore', '--drill')
    else await removeNotedObjects(this.store, this.photos) // of a backup whose process was killed
  }

  private run(command: string, flag: string): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.stopping
      const child = fork(cli, [command, flag], {
        env: environmentWith(),
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        signal,
      })
      let complaint = ''
      child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)))
      child.once('spawn', () => {
        if (child.pid !== undefined) setPriority(child.pid, niceness)
      })
      child.once('error', () => resolve()) // aborted, or no process to be had: the next minute tries again
      child.once('close', (code) => {
        if (code !== 0 && !signal.aborted) this.logger.error({ command, complaint: complaint.trim() }, 'it failed')
        resolve()
      })
    })
  }
}
