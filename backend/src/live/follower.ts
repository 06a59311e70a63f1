import { AccountRecord, AlertRecord, type LiveCursor } from '@custodia/contracts'
import type { EventLog, LogRecord } from '@custodia/streams/event-log'
import type { NamesService } from '../triage/names.service.js'
import type { LiveSocket } from './socket.js'

const chunk = 200
const lookBack = 50
const slowRetryMs = 250

/**
 * One client's way along the two topics: from its cursor to the end of the log, then on with each wake. Records are read
 * from the log, not kept in memory, so a slow client costs nothing but its own delay.
 */
export class Follower {
  private next: LiveCursor = { alerts: 0, accounts: 0 }
  private moving?: Promise<void>
  private again = false
  private stopped = false

  constructor(
    private readonly log: EventLog,
    private readonly names: NamesService,
    private readonly socket: LiveSocket,
    private readonly isKeepingUp: (socket: LiveSocket) => boolean,
  ) {}

  /** `cursor` as the client sent it; without one, from a little before now: what the page
   * loaded from PostgreSQL may lag the log by a few records, and showing one twice is harmless. */
  async start(cursor: Partial<LiveCursor>): Promise<void> {
    const [alerts, accounts] = await Promise.all([this.endOf('alerts'), this.endOf('accounts')])
    this.next = {
      alerts: Math.min(cursor.alerts ?? Math.max(0, alerts - lookBack), alerts),
      accounts: Math.min(cursor.accounts ?? Math.max(0, accounts - lookBack), accounts),
    }
    this.wake()
    await this.moving
    this.socket.emit('caught_up', { cursor: this.next })
  }

  wake(): void {
    if (this.stopped) return
    this.again = true
    this.moving ??= this.move().finally(() => (this.moving = undefined))
  }

  stop(): void {
    this.stopped = true
  }

  private async move(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false
      await this.drain('alerts', async (record) => {
        const parsed = AlertRecord.safeParse(jsonOf(record))
        if (!parsed.success) return
        const told =
          parsed.data.kind === 'raised'
            ? { ...parsed.data, alert: await this.names.inAlert(parsed.data.alert) }
            : parsed.data
        this.socket.emit('alert', { offset: record.offset, record: told })
      })
      await this.drain('accounts', (record) => {
        const parsed = AccountRecord.safeParse(jsonOf(record))
        if (parsed.success) this.socket.emit('account', { offset: record.offset, record: parsed.data })
      })
    }
  }

  private async drain(topic: 'alerts' | 'accounts', tell: (record: LogRecord) => void | Promise<void>): Promise<void> {
    for (let end = await this.endOf(topic); this.next[topic] < end && !this.stopped; end = await this.endOf(topic)) {
      for await (const record of this.log.read(topic, 0, this.next[topic], Math.min(end, this.next[topic] + chunk))) {
        while (!this.isKeepingUp(this.socket) && !this.stopped)
          await new Promise((resolve) => setTimeout(resolve, slowRetryMs))
        if (this.stopped) return
        await tell(record)
        this.next[topic] = record.offset + 1
      }
    }
  }

  private async endOf(topic: 'alerts' | 'accounts'): Promise<number> {
    return (await this.log.range(topic))[0]?.end ?? 0
  }
}

const jsonOf = (record: LogRecord): unknown => JSON.parse(Buffer.from(record.value).toString())
