import type { Bells } from './bells.js'
import { EventLogError } from './event-log.js'
import type { Committed, Consumer, OwnedPartition, PartitionHandler } from './event-log.js'
import type { GroupCommit } from './group-commit.js'
import { assignmentOf, bellOf, claimFree, commitOffset, enterGroup, leaveGroup, lost, owns, release } from './groups.js'
import type { Claim, Member } from './groups.js'
import { endOf, readAll, readLong } from './reading.js'
import type { Storage } from './storage.js'

/** What consumers need of the log that they read. */
export interface ConsumerDeps {
  storage: Storage
  commits: GroupCommit
  bells: Bells
  /** rings a bell here and in every other process */
  announce(bell: string): void
}

/** A partition being worked on. */
interface Work {
  claim: Claim
  ending: AbortController
  finished: Promise<void>
}

/** One member of a group: takes its share of a topic's partitions, works on each, and gives away what others should have. */
export class GroupConsumer implements Consumer {
  readonly ready: Promise<void>
  readonly done: Promise<void>
  readonly #stopping = new AbortController()
  readonly #work = new Map<number, Work>()
  #failure: { error: unknown } | undefined

  constructor(
    private readonly deps: ConsumerDeps,
    private readonly me: Member,
    private readonly handler: PartitionHandler,
    private readonly maxBatch: number | undefined,
  ) {
    const entered = this.#enter()
    this.done = this.#run(entered)
    this.ready = entered
    entered.catch(() => undefined) // `done` tells it as well
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.done.catch(() => undefined)
  }

  async #enter(): Promise<void> {
    const { storage, commits, announce } = this.deps
    await commits.write(() => enterGroup(storage.tables, this.me))
    announce(bellOf(this.me))
    await this.#claim()
  }

  async #run(entered: Promise<void>): Promise<void> {
    const { commits, storage, bells, announce } = this.deps
    const { signal } = this.#stopping
    const bell = bellOf(this.me)
    try {
      await entered
      while (!signal.aborted) {
        const rung = bells.count(bell)
        await this.#rebalance()
        await bells.rung(bell, rung, signal)
      }
    } catch (error) {
      this.#fail(error)
    }
    for (const work of this.#work.values()) work.ending.abort()
    await Promise.all([...this.#work.values()].map((work) => work.finished))
    try {
      await commits.write(() => leaveGroup(storage.tables, this.me))
      announce(bell)
    } catch (error) {
      this.#fail(error)
    }
    if (this.#failure) throw this.#failure.error
  }

  async #rebalance(): Promise<void> {
    this.deps.storage.refresh()
    const assignment = assignmentOf(this.deps.storage.tables, this.me)
    // what it holds in memory may be behind what others do by now: a fresh start is the safe way back
    if (assignment === 'expelled') throw new EventLogError('The other processes took this one for dead.', true)
    for (const work of this.#work.values()) if (!assignment.mine.has(work.claim.partition)) work.ending.abort()
    if (assignment.free.length > 0) await this.#claim()
  }

  async #claim(): Promise<void> {
    const { storage, commits } = this.deps
    const claims = await commits.write(() => claimFree(storage.tables, this.me))
    for (const claim of claims) this.#start(claim)
  }

  #start(claim: Claim): void {
    const work: Work = { claim, ending: new AbortController(), finished: Promise.resolve() }
    this.#work.set(claim.partition, work)
    work.finished = this.#consume(work)
      .catch((error: unknown) => this.#fail(error))
      .then(() => this.#letGo(work))
  }

  async #consume(work: Work): Promise<void> {
    const { storage, bells } = this.deps
    const { signal } = work.ending
    const { topic } = this.me
    const { partition } = work.claim
    const owned = this.#owned(work)
    let next = (await this.handler.assigned?.(owned)) ?? (await owned.committed())?.offset ?? 0
    while (!signal.aborted) {
      const rung = bells.count(topic)
      const batch = await readLong(storage, topic, partition, { from: next, limit: this.maxBatch })
      const last = batch.at(-1)
      if (!last) await bells.rung(topic, rung, signal)
      else {
        await this.handler.batch(owned, batch)
        next = last.offset + 1
        await new Promise((resolve) => setImmediate(resolve)) // a long backlog leaves the event loop to others
      }
    }
    if (this.#owns(work.claim)) await this.handler.revoked?.(owned)
  }

  async #letGo(work: Work): Promise<void> {
    const { storage, commits, announce } = this.deps
    try {
      await commits.write(() => release(storage.tables, this.me, work.claim))
      announce(bellOf(this.me))
    } catch (error) {
      this.#fail(error)
    }
    // it may have come back already, in the transaction that released it
    if (this.#work.get(work.claim.partition) === work) this.#work.delete(work.claim.partition)
  }

  #owned({ claim, ending }: Work): OwnedPartition {
    const { storage, commits } = this.deps
    const { group, topic } = this.me
    const { partition } = claim
    const held = <T>(read: () => T): T => {
      if (!this.#owns(claim)) throw lost(this.me, claim)
      return read()
    }
    return {
      topic,
      partition,
      signal: ending.signal,
      committed: async () => held(() => storage.tables.commits.get([group, topic, partition])),
      commit: (offset, metadata) => {
        const committed: Committed = metadata === undefined ? { offset } : { offset, metadata }
        return commits.write(() => commitOffset(storage.tables, this.me, claim, committed))
      },
      end: async () => held(() => endOf(storage, topic, partition)),
      read: (from, to) => held(() => readAll(storage, topic, partition, from, to)),
    }
  }

  #owns(claim: Claim): boolean {
    this.deps.storage.refresh()
    return owns(this.deps.storage.tables, this.me, claim)
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#stopping.abort()
  }
}
