import { createHash } from 'node:crypto'
import { keyOf, type AccessEvent } from '@custodia/contracts'
import type { EventLog, Position } from '@custodia/streams/event-log'
import { v7 as uuidv7 } from 'uuid'
import { within } from './within.js'

/** An event before its writer has numbered it. */
export type UnnumberedEvent = Omit<AccessEvent, 'writer' | 'seq' | 'prev'>

interface Waiting {
  events: UnnumberedEvent[]
  resolve: (positions: Position[]) => void
  reject: (error: unknown) => void
}

const genesis = '0'.repeat(64)
const largestBatch = 1000

/**
 * Numbers events without gaps, chains them by hash, and appends them, one batch in flight at a time: what arrives meanwhile
 * goes with the next. A batch that fails has an unknown outcome, so its writer ends there and a new one begins; nothing was
 * numbered behind it.
 */
export class Writer {
  private id = uuidv7()
  private seq = 0
  private prev = genesis
  private waiting: Waiting[] = []
  private flying = false

  constructor(
    private readonly log: EventLog,
    private readonly timeoutMs: number,
  ) {}

  /** Durable when it resolves: one position per event, in the order given. */
  append(events: UnnumberedEvent[]): Promise<Position[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ events, resolve, reject })
      if (!this.flying) void this.fly()
    })
  }

  private async fly(): Promise<void> {
    this.flying = true
    while (this.waiting.length) {
      const batch = this.takeBatch()
      try {
        const records = batch.flatMap((w) => w.events).map((e) => this.number(e))
        const positions = await within(this.timeoutMs, this.log.appendAll('access-events', records))
        let from = 0
        for (const w of batch) w.resolve(positions.slice(from, (from += w.events.length)))
      } catch (error) {
        this.id = uuidv7()
        this.seq = 0
        this.prev = genesis
        for (const w of batch) w.reject(error)
      }
    }
    this.flying = false
  }

  private takeBatch(): Waiting[] {
    let size = 0
    const end = this.waiting.findIndex((w) => (size += w.events.length) > largestBatch)
    return this.waiting.splice(0, end === -1 ? this.waiting.length : Math.max(end, 1))
  }

  private number(event: UnnumberedEvent) {
    const value = Buffer.from(JSON.stringify({ ...event, writer: this.id, seq: this.seq++, prev: this.prev }))
    this.prev = createHash('sha256').update(value).digest('hex')
    return { key: keyOf(event), value }
  }
}
