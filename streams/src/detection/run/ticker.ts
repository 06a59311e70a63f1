import type { Rekeyed } from '@custodia/contracts'
import type { EventLog } from '../../event-log/index.js'
import type { Logger } from './logger.js'

interface Deps {
  log: EventLog
  logger: Logger
  now: () => number
}

/** Appends a tick when records wait and nothing else comes to release them; under a waiting record's key, so to its partition. */
export class Ticker {
  private timer?: NodeJS.Timeout
  private until = 0

  constructor(
    private readonly deps: Deps,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.stop())
    if (signal.aborted) this.stopped = true
  }

  private stopped = false

  wake(waiting: { key: string; until: number } | undefined): void {
    if (!waiting || this.stopped) return this.rest()
    if (this.timer && this.until === waiting.until) return
    this.rest()
    this.until = waiting.until
    this.timer = setTimeout(() => this.tick(waiting), Math.max(1, waiting.until - this.deps.now() + 1))
  }

  stop(): void {
    this.stopped = true
    this.rest()
  }

  private tick(waiting: { key: string; until: number }): void {
    const tick: Rekeyed = { kind: 'tick', until: new Date(waiting.until).toISOString() }
    this.timer = undefined
    this.deps.log
      .append('rekeyed', { key: waiting.key, value: Buffer.from(JSON.stringify(tick)) })
      .catch((error: unknown) => {
        this.deps.logger.warn({ error }, 'tick could not be appended; trying again')
        this.timer = setTimeout(() => this.tick(waiting), 1000)
      })
  }

  private rest(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }
}
