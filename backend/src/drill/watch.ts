import type { Alert } from '@custodia/contracts'
import type { Consumer, EventLog, LogRecord } from '@custodia/streams/event-log'
import { accountIn, alertIn } from '../live/live-topic.js'

export interface HeardAlert {
  alert: Alert
  /** on the clock of this process */
  at: number
  offset: number
}

/** Hears what follows from one account's accesses, as every gateway hears it: out of the log. */
export class Watch {
  readonly alerts: HeardAlert[] = []
  frozenAt: number | undefined
  private readonly tails: Consumer[]
  private wake = Promise.withResolvers<void>()

  private constructor(log: EventLog, account: string) {
    const each = (hear: (record: LogRecord) => void) => (records: LogRecord[]) => {
      records.forEach(hear)
      this.wake.resolve()
      this.wake = Promise.withResolvers()
    }
    const alert = each(({ value, offset }) => {
      const record = alertIn(value)
      if (record?.kind === 'raised' && record.alert.actor === account && record.alert.mode === 'live')
        this.alerts.push({ alert: record.alert, at: performance.now(), offset })
    })
    const freeze = each(({ value }) => {
      const record = accountIn(value)
      if (record?.kind === 'frozen' && record.freeze.account === account) this.frozenAt ??= performance.now()
    })
    this.tails = [log.tail({ topic: 'alerts' }, alert), log.tail({ topic: 'accounts' }, freeze)]
  }

  static async begin(log: EventLog, account: string): Promise<Watch> {
    const watch = new Watch(log, account)
    await Promise.all(watch.tails.map(({ ready }) => ready))
    return watch
  }

  /** The first that an insider is stopped by: one that freezes before one that only tells. */
  get first(): HeardAlert | undefined {
    return this.alerts.find(({ alert }) => freezes(alert)) ?? this.alerts[0]
  }

  /** Resolves when `isThere`, or when it has taken too long. */
  async until(isThere: () => boolean, ms: number): Promise<boolean> {
    const late = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => late.resolve('late'), ms)
    while (!isThere()) if ((await Promise.race([this.wake.promise, late.promise])) === 'late') break
    clearTimeout(timer)
    return isThere()
  }

  async end(): Promise<void> {
    await Promise.all(this.tails.map((tail) => tail.stop()))
  }
}

export const freezes = (alert: Alert): boolean => alert.respond.some((step) => step.do === 'freeze')
