import type { AlertRecord, LiveCursor, LiveItem } from '@custodia/contracts'
import type { LogRecord } from '@custodia/streams/event-log'
import type { NamesService } from '../timelines/names.service.js'
import type { Beginning } from './beginning.js'
import { accountIn, alertIn, type LiveTopic } from './live-topic.js'
import type { LiveSocket } from './socket.js'

/** All that is ever on its way to one client; a record that is larger goes alone. */
export const mostBytes = 32 * 1024

interface FollowerDeps {
  /** in the order of urgency */
  topics: readonly LiveTopic[]
  names: NamesService
  /** how long a client may take to say that it has what was sent */
  patienceMs: number
  /** it did not, or the log cannot be read: whoever hears this lets the line go, and the client resumes from its cursor */
  onGivenUp: (why: unknown) => void
}

/**
 * One client's way along the two topics. It is sent what comes next, and more when it has said that it has that: what waits for
 * a slow client waits in the log, and one that says nothing is let go.
 */
export class Follower {
  private readonly over = Promise.withResolvers<'over'>()
  private moving?: Promise<void>
  private again = false
  private stopped = false
  private cursor: LiveCursor

  constructor(
    private readonly socket: LiveSocket,
    private readonly deps: FollowerDeps,
    { cursor, resumed }: Beginning,
  ) {
    this.cursor = cursor
    this.socket.emit('begin', { cursor, resumed })
  }

  /** Resolves when everything that this gateway has heard is with the client. */
  async catchUp(): Promise<void> {
    this.wake()
    await this.moving
    if (!this.stopped) this.socket.emit('caught_up', { cursor: this.cursor })
  }

  wake(): void {
    if (this.stopped) return
    this.again = true
    this.moving ??= this.move()
      .catch((error: unknown) => this.giveUp(error))
      .then(() => {
        this.moving = undefined
        if (this.again) this.wake() // it came while the last step ended
      })
  }

  private giveUp(error: unknown): void {
    if (this.stopped) return
    this.stop()
    this.deps.onGivenUp(error)
  }

  stop(): void {
    this.stopped = true
    this.over.resolve('over')
  }

  private async move(): Promise<void> {
    while (this.again) {
      this.again = false
      for (let more = true; more && !this.stopped;) {
        const { items, cursor } = await this.next()
        more = cursor !== this.cursor
        if (items.length && !this.stopped) await this.send(items, cursor)
        this.cursor = cursor
      }
    }
  }

  /** Resolves when the client has it; rejects when it takes too long. A client that went away is waited for by nobody. */
  private async send(items: LiveItem[], cursor: LiveCursor): Promise<void> {
    const received = Promise.withResolvers<void>()
    const timer = setTimeout(() => received.reject(new Error('not acknowledged in time')), this.deps.patienceMs)
    this.socket.emit('records', { items, cursor }, received.resolve)
    await Promise.race([received.promise, this.over.promise]).finally(() => clearTimeout(timer))
  }

  /** What comes next, as much as may be on its way at once, and where the client stands with it. */
  private async next(): Promise<{ items: LiveItem[]; cursor: LiveCursor }> {
    const items: LiveItem[] = []
    let cursor = this.cursor
    let bytes = 0
    for (const topic of this.deps.topics)
      for await (const record of topic.from(cursor[topic.name])) {
        bytes += record.value.length
        if (bytes > mostBytes && cursor !== this.cursor) return { items, cursor }
        cursor = { ...cursor, [topic.name]: record.offset + 1 }
        const item = await this.itemOf(record)
        if (item) items.push(item)
      }
    return { items, cursor }
  }

  /** Undefined for what nobody understands: it is passed over, not waited for. */
  private async itemOf({ topic, offset, value }: LogRecord): Promise<LiveItem | undefined> {
    if (topic === 'accounts') {
      const record = accountIn(value)
      // their own business, and not the desk's
      if (record?.kind === 'approval_moved' || record?.kind === 'review_begun') return undefined
      return record && { topic, offset, record }
    }
    const record = alertIn(value)
    return record && { topic: 'alerts', offset, record: await this.named(record) }
  }

  /** With people's names where they can be looked up now: an alert does not wait for them. */
  private named(record: AlertRecord): Promise<AlertRecord> {
    return this.deps.names.inRecord(record).catch(() => record)
  }
}
