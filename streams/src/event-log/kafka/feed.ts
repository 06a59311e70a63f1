import type { Topic } from '@custodia/contracts'
import { EventLogError } from '../event-log.js'
import type { LogRecord } from '../event-log.js'
import { canRetry, reason } from './client.js'
import type { Client } from './client.js'
import { fetchFrom, isOutOfRange, rangesOf } from './reading.js'

/** A partition that is read on and on. */
interface Source {
  next: number
  /** false while whoever takes the records has enough of them */
  wanted: boolean
}

/** longest wait of a fetch for the first record; bounds how long a stop takes */
const WAIT_MS = 500
/** while some partition is left out of a fetch: it may be wanted again soon */
const SHORT_WAIT_MS = 20
const RETRY_MS = 100

/** Reads partitions of a topic on and on, one long fetch at a time from each leader: records come as they are appended. */
export class Feed {
  readonly #sources = new Map<number, Source>()
  readonly #polling = new Map<number, Promise<void>>()
  readonly #closing = new AbortController()

  constructor(
    private readonly client: Client,
    private readonly topic: Topic,
    private readonly deliver: (partition: number, records: LogRecord[]) => void,
    private readonly fail: (error: unknown) => void,
  ) {}

  /** announces a partition, so that no fetch waits long without it */
  add(partition: number): void {
    this.#sources.set(partition, { next: 0, wanted: false })
  }

  start(partition: number, next: number): void {
    this.#sources.set(partition, { next, wanted: true })
    this.#poll()
  }

  want(partition: number, wanted: boolean): void {
    const source = this.#sources.get(partition)
    if (!source || source.wanted === wanted) return
    source.wanted = wanted
    if (wanted) this.#poll()
  }

  remove(partition: number): void {
    this.#sources.delete(partition)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#sources.clear()
    await Promise.all(this.#polling.values())
  }

  /** a loop for every leader of a wanted partition that has none yet */
  #poll(): void {
    if (this.#closing.signal.aborted) return
    for (const nodeId of this.#wantedByLeader().keys()) {
      if (this.#polling.has(nodeId)) continue
      const loop = this.#run(nodeId).catch((error: unknown) => this.fail(error))
      this.#polling.set(nodeId, loop)
    }
  }

  #wantedByLeader(): Map<number, [number, Source][]> {
    const wanted = [...this.#sources].filter(([, source]) => source.wanted)
    return Map.groupBy(wanted, ([partition]) => this.#leaderOf(partition))
  }

  /** where no leader is known, a loop of its own finds out */
  #leaderOf(partition: number): number {
    try {
      return this.client.leaderOf(this.topic, partition)
    } catch {
      return NOBODY
    }
  }

  async #run(nodeId: number): Promise<void> {
    await Promise.resolve() // partitions that start in the same turn are fetched together
    for (;;) {
      const sources = this.#wantedByLeader().get(nodeId)
      if (!sources || this.#closing.signal.aborted) {
        this.#polling.delete(nodeId) // in the same turn: whatever is wanted from here on gets a new loop
        return
      }
      try {
        await this.#fetch(nodeId, sources)
      } catch (error) {
        if (isOutOfRange(error)) await this.#moveToStart(sources)
        else if (canRetry(error)) await this.client.recover(RETRY_MS, this.#closing.signal)
        else throw new EventLogError(`Kafka: reading ${this.topic} failed: ${reason(error)}`, true, { cause: error })
        this.#poll() // another leader may have taken over
      }
    }
  }

  async #fetch(nodeId: number, sources: [number, Source][]): Promise<void> {
    const { client, topic } = this
    await client.cluster.refreshMetadataIfNecessary()
    const fetched = await fetchFrom(
      { cluster: client.cluster, topicName: client.topicName(topic) },
      { nodeId, topic, waitMs: [...this.#sources.values()].every(({ wanted }) => wanted) ? WAIT_MS : SHORT_WAIT_MS },
      new Map(sources.map(([partition, { next }]) => [partition, next])),
    )
    const asked = new Map(sources)
    for (const { partition, records, next } of fetched) {
      const source = asked.get(partition)
      if (!source || this.#sources.get(partition) !== source) continue // taken away meanwhile
      source.next = next
      if (records.length > 0) this.deliver(partition, records)
    }
  }

  /** Before the first kept record: reading goes on there. After the last: records that were read are gone, which nobody may pass over. */
  async #moveToStart(sources: [number, Source][]): Promise<void> {
    const ranges = await rangesOf(this.client, this.topic)
    for (const [partition, source] of sources) {
      const range = ranges.find((each) => each.partition === partition)
      if (!range) continue
      if (source.next > range.end)
        throw new EventLogError(
          `Partition ${partition} of ${this.topic} ends at ${range.end}, but was read up to ${source.next}.`,
          true,
        )
      source.next = Math.max(source.next, range.start)
    }
  }
}

const NOBODY = -1
