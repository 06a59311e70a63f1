import { once } from 'node:events'
import type { Topic } from '@custodia/contracts'
import { EventLogError } from '../event-log.js'
import type { Consumer, LogRecord, OwnedPartition, PartitionHandler } from '../event-log.js'
import { Backlog } from './backlog.js'
import { Client } from './client.js'
import type { ClientOptions } from './client.js'
import { Feed } from './feed.js'
import { Membership } from './membership.js'
import type { Timing } from './membership.js'
import { rangeOf, readAll } from './reading.js'

/** A partition being worked on. */
interface Work {
  partition: number
  ending: AbortController
  backlog: Backlog
  finished: Promise<void>
}

export interface GroupOptions {
  group: string
  topic: Topic
  maxBatch?: number
}

/** One member of a group: works on what it is assigned, and lets go of what others should have. */
export class GroupConsumer implements Consumer {
  readonly ready: Promise<void>
  readonly done: Promise<void>
  readonly #stopping = new AbortController()
  readonly #work = new Map<number, Work>()
  #assigned = new Set<number>()
  #failure: { error: unknown } | undefined

  constructor(
    private readonly client: ClientOptions,
    private readonly options: GroupOptions,
    private readonly timing: Timing,
    private readonly handler: PartitionHandler,
  ) {
    const ready = Promise.withResolvers<void>()
    this.ready = ready.promise
    this.ready.catch(() => undefined) // `done` tells it as well
    this.done = this.#run(ready)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.done.catch(() => undefined)
  }

  async #run(ready: PromiseWithResolvers<void>): Promise<void> {
    try {
      await this.#runConnected(ready.resolve)
    } catch (error) {
      this.#fail(error)
    }
    if (!this.#failure) return ready.resolve()
    ready.reject(this.#failure.error)
    throw this.#failure.error
  }

  async #runConnected(joined: () => void): Promise<void> {
    // a fetch waits long, and so does joining: each has connections of its own
    const [control, fetching] = await Promise.all([Client.open(this.client), Client.open(this.client)])
    const { group, topic } = this.options
    const feed = new Feed(
      fetching,
      topic,
      (partition, records) => this.#deliver(feed, partition, records),
      (error) => this.#fail(error),
    )
    const membership: Membership = new Membership(
      control,
      {
        group,
        topic,
        owned: () => [...this.#work.keys()],
        assigned: (partitions) => this.#share(partitions, { feed, membership, control }),
      },
      this.timing,
    )
    const leaving = new AbortController()
    const member = membership.run(leaving.signal, joined).catch((error: unknown) => this.#fail(error))
    await aborted(this.#stopping.signal)
    for (const work of this.#work.values()) work.ending.abort()
    // it stays a member until then: what it lets go is still to be committed
    await Promise.all([...this.#work.values()].map((work) => work.finished))
    leaving.abort()
    await member
    await membership.leave()
    await feed.close()
    await Promise.all([control.close(), fetching.close()])
  }

  #share(partitions: Set<number>, parts: Parts): void {
    this.#assigned = partitions
    for (const work of this.#work.values()) if (!partitions.has(work.partition)) work.ending.abort()
    if (this.#stopping.signal.aborted) return
    for (const partition of partitions) if (!this.#work.has(partition)) this.#start(partition, parts)
  }

  #start(partition: number, parts: Parts): void {
    const { feed, membership } = parts
    const ending = new AbortController()
    const backlog = new Backlog((wanted) => feed.want(partition, wanted))
    const work: Work = { partition, ending, backlog, finished: Promise.resolve() }
    this.#work.set(partition, work)
    feed.add(partition)
    work.finished = this.#consume(work, parts)
      .catch((error: unknown) => this.#fail(error))
      .then(() => {
        this.#work.delete(partition)
        feed.remove(partition)
        if (this.#stopping.signal.aborted) return
        if (this.#assigned.has(partition))
          this.#start(partition, parts) // it came back while it was being let go
        else membership.rejoin()
      })
  }

  async #consume(work: Work, { feed, membership, control }: Parts): Promise<void> {
    const { partition, ending, backlog } = work
    const owned = this.#owned(work, membership, control)
    const next = (await this.handler.assigned?.(owned)) ?? (await owned.committed())?.offset ?? 0
    if (!ending.signal.aborted) feed.start(partition, next)
    while (!ending.signal.aborted) {
      const batch = await backlog.take(this.options.maxBatch, ending.signal)
      if (batch.length > 0) await this.handler.batch(owned, batch)
    }
    if (!membership.lost) await this.handler.revoked?.(owned)
  }

  #deliver(feed: Feed, partition: number, records: LogRecord[]): void {
    const work = this.#work.get(partition)
    if (!work || work.ending.signal.aborted) return feed.want(partition, false)
    work.backlog.add(records)
  }

  #owned(work: Work, membership: Membership, control: Client): OwnedPartition {
    const { group, topic } = this.options
    const { partition, ending } = work
    const owns = () => this.#work.get(partition) === work && !membership.lost
    const require = (): void => {
      if (!owns())
        throw new EventLogError(`Group ${group} gave partition ${partition} of ${topic} to another member.`, true)
    }
    return {
      topic,
      partition,
      signal: ending.signal,
      committed: async () => {
        require()
        return (await membership.committed()).get(partition)
      },
      commit: async (offset, metadata) => {
        require()
        await membership.commit(partition, { offset, metadata }, owns)
      },
      end: async () => {
        require()
        return (await rangeOf(control, topic, partition)).end
      },
      read: (from, to) => {
        require()
        return readAll(control, topic, partition, from, to)
      },
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#stopping.abort()
  }
}

interface Parts {
  feed: Feed
  membership: Membership
  control: Client
}

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}
