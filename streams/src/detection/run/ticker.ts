import type { Rekeyed } from '@custodia/contracts'
import type { EventLog } from '../../event-log/index.js'
import { horizonOf, type Before } from './horizon.js'
import type { Logger } from './logger.js'

interface Deps {
  log: EventLog
  logger: Logger
  before: Before
}

const TICK_MS = 500

/**
 * While records wait, appends ticks: how far the stage before has come. Under a waiting record's key, so that they land in
 * its partition, behind everything that they speak of.
 */
export class Ticker {
  private timer?: NodeJS.Timeout
  private key?: string
  private newest = 0
  private stopped = false

  constructor(
    private readonly deps: Deps,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.stop())
    if (signal.aborted) this.stopped = true
  }

  /** `key` of something that waits, and the newest log-append time of its partition that was seen */
  wake(key: string | undefined, newest: number): void {
    this.key = key
    this.newest = newest
    if (key !== undefined && !this.stopped) this.timer ??= setTimeout(() => void this.tick(), TICK_MS)
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  private async tick(): Promise<void> {
    const { log, logger, before } = this.deps
    try {
      const until = await horizonOf(log, before, this.newest)
      if (this.key === undefined || this.stopped) return
      const tick: Rekeyed = { kind: 'tick', until: new Date(until).toISOString() }
      await log.append('rekeyed', { key: this.key, value: Buffer.from(JSON.stringify(tick)) })
    } catch (error) {
      if (!this.stopped) logger.warn({ error }, 'tick could not be appended; trying again')
    } finally {
      this.timer = undefined
      this.wake(this.key, this.newest)
    }
  }
}
