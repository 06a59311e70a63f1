import { createHash } from 'node:crypto'
import { keyOf, type AccessEvent } from '@custodia/contracts'
import { partitionOf, TRACE_HEADER, type EventLog, type NewRecord, type Position } from '@custodia/streams/event-log'
import { v7 as uuidv7 } from 'uuid'
import { within } from './within.js'

/** An event before its writer has numbered it. */
export type UnnumberedEvent = Omit<AccessEvent, 'writer' | 'seq' | 'prev'>

interface Waiting {
  events: UnnumberedEvent[]
  trace?: string
  resolve: (positions: Position[]) => void
  reject: (error: unknown) => void
}

const genesis = '0'.repeat(64)
const largestBatch = 1000

/**
 * Appends events through one chain for each partition of the log: what the log takes as a whole or not at all is a batch of
 * one partition, so an append that fails leaves doubt about its own partition's chain only. Partitions do not wait for each other.
 */
export class Writer {
  private readonly chains = new Map<number, Chain>()

  constructor(
    private readonly log: EventLog,
    private readonly timeoutMs: number,
  ) {}

  /**
   * Durable when it resolves: one position per event, in the order given. Events of one actor are kept as a whole or not
   * at all; of several actors some may be kept where it rejects. `trace`: the W3C trace context of the request.
   */
  async append(events: UnnumberedEvent[], trace?: string): Promise<Position[]> {
    const byPartition = Map.groupBy(events, (event) => partitionOf('access-events', keyOf(event)))
    const [only] = byPartition.keys()
    if (only !== undefined && byPartition.size === 1) return this.chainOf(only).append(events, trace)
    const appends = [...byPartition].map(async ([partition, own]) => {
      const positions = await this.chainOf(partition).append(own, trace)
      return own.map((event, i): [UnnumberedEvent, Position] => [event, positions[i] as Position])
    })
    // whoever is told of a failure may repeat at once: nothing of this append must still be on its way then
    const settled = await Promise.allSettled(appends)
    const failed = settled.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    const places = new Map((await Promise.all(appends)).flat())
    return events.map((event) => places.get(event) as Position)
  }

  private chainOf(partition: number): Chain {
    let chain = this.chains.get(partition)
    if (!chain) this.chains.set(partition, (chain = new Chain(this.log, this.timeoutMs)))
    return chain
  }
}

/**
 * Numbers the events of one partition without gaps, chains them by hash, and appends them, one batch in flight at a time:
 * what arrives meanwhile goes with the next. A batch that fails has an unknown outcome, so its writer ends there and a new
 * one begins; nothing was numbered behind it.
 */
class Chain {
  private id = uuidv7()
  private seq = 0
  private prev = genesis
  private waiting: Waiting[] = []
  private flying = false

  constructor(
    private readonly log: EventLog,
    private readonly timeoutMs: number,
  ) {}

  append(events: UnnumberedEvent[], trace?: string): Promise<Position[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ events, trace, resolve, reject })
      if (!this.flying) void this.fly()
    })
  }

  private async fly(): Promise<void> {
    this.flying = true
    while (this.waiting.length) {
      const batch = this.takeBatch()
      try {
        const records = batch.flatMap((w) => w.events.map((e) => this.number(e, w.trace)))
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

  private number(event: UnnumberedEvent, trace?: string): NewRecord {
    const value = Buffer.from(JSON.stringify({ ...event, writer: this.id, seq: this.seq++, prev: this.prev }))
    this.prev = createHash('sha256').update(value).digest('hex')
    return { key: keyOf(event), value, ...(trace && { headers: { [TRACE_HEADER]: trace } }) }
  }
}
