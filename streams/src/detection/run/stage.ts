import type { DetectionSnapshot, Topic } from '@custodia/contracts'
import type { Consumer, EventLog, LogRecord, OwnedPartition } from '../../event-log/index.js'
import type { BaselineBook } from '../baselines/index.js'
import { Committer } from './committer.js'
import type { Before } from './horizon.js'
import type { Logger } from './logger.js'
import type { Machine } from './machine.js'
import type { MemoryWatch } from './memory-watch.js'
import { Output } from './output.js'
import type { RuleBook } from './rule-book.js'
import { loadSnapshot, saveSnapshot } from './snapshots.js'
import { Ticker } from './ticker.js'

export interface StageOptions {
  log: EventLog
  book: RuleBook
  baselines?: BaselineBook
  logger: Logger
  now: () => number
  stage: DetectionSnapshot['stage']
  topic: Topic
  group: string
  machine: () => Machine
  /** the stage that writes the topic, where records wait until it has come far enough */
  before?: Before
  memory: MemoryWatch
  commitEveryMs: number
  snapshotEveryMs: number
}

/** Consumes a topic, one machine per partition: write what a batch says, then mark it done; snapshot; replay after a restart. */
export const runStage = (options: StageOptions): Consumer => {
  const running = new Map<number, Partition>()
  return options.log.consume(
    { group: options.group, topic: options.topic },
    {
      assigned: async (owned) => {
        const partition = new Partition(options, owned)
        running.set(owned.partition, partition)
        return partition.catchUp()
      },
      batch: (owned, records) => (running.get(owned.partition) as Partition).batch(records),
      revoked: async (owned) => {
        await running.get(owned.partition)?.letGo()
        running.delete(owned.partition)
      },
    },
  )
}

class Partition {
  private readonly machine: Machine
  private readonly committer: Committer
  private readonly ticker?: Ticker
  private snapshotAt: number
  private saved = -1
  private saving: Promise<void> = Promise.resolve()
  private next = 0

  constructor(
    private readonly options: StageOptions,
    private readonly owned: OwnedPartition,
  ) {
    this.machine = options.machine()
    options.memory.enter(this.machine)
    this.committer = new Committer(owned, options.commitEveryMs)
    this.snapshotAt = options.now() + options.snapshotEveryMs
    const { log, logger, before } = options
    if (before) this.ticker = new Ticker({ log, logger, before }, owned.signal)
  }

  /** snapshot, then everything up to what is committed once more, silently: what it says has been written already */
  async catchUp(): Promise<number> {
    const { log, book, topic, stage } = this.options
    const { partition } = this.owned
    const start = (await log.range(topic)).find((range) => range.partition === partition)?.start ?? 0
    const committed = Math.max((await this.owned.committed())?.offset ?? start, start)
    const snapshot = await loadSnapshot(log, stage, partition, committed)
    await Promise.all([book.knowsUntil(Infinity), this.options.baselines?.knowsUntil(Infinity)])
    if (snapshot) this.machine.restore(snapshot.state, (version) => book.versioned(version))
    this.saved = snapshot?.offset ?? -1
    const from = Math.max(snapshot?.offset ?? start, start)
    for await (const record of this.owned.read(from, committed)) this.step(record, new Output())
    this.next = committed
    this.ticker?.wake(this.machine.waiting?.(), 0)
    return committed
  }

  async batch(records: LogRecord[]): Promise<void> {
    const last = records.at(-1)
    if (!last) return
    await Promise.all([
      this.options.book.knowsUntil(last.appendedAt),
      this.options.baselines?.knowsUntil(last.appendedAt),
    ])
    const output = new Output()
    for (const record of records) this.step(record, output)
    await output.writeTo(this.options.log)
    this.next = last.offset + 1
    this.committer.done(this.next)
    this.ticker?.wake(this.machine.waiting?.(), last.appendedAt)
    if (this.options.now() >= this.snapshotAt) {
      this.snapshotAt = this.options.now() + this.options.snapshotEveryMs
      await this.saving
      this.saving = this.snapshot().catch((error: unknown) => {
        // the log itself is fine, or the next append will say so; without a snapshot a restart replays more
        this.options.logger.warn({ error, partition: this.owned.partition }, 'detection snapshot was not saved')
      })
    }
  }

  async letGo(): Promise<void> {
    this.options.memory.leave(this.machine)
    this.ticker?.stop()
    await this.saving
    await this.snapshot()
  }

  private step(record: LogRecord, output: Output): void {
    const { book, baselines } = this.options
    const set = book.inForce(record.appendedAt)
    const usual = baselines?.inForce(record.appendedAt)
    this.machine.step(record, set && usual ? { ...set, baselines: usual } : set, output)
  }

  /** the state is taken at once; it is written after the commit, so that no snapshot is ahead of what is committed */
  private async snapshot(): Promise<void> {
    const { next } = this
    if (next === this.saved) return this.committer.flush()
    const state = this.machine.snapshot()
    await this.committer.flush()
    await saveSnapshot(this.options.log, this.options.stage, this.owned.partition, next, state)
    this.saved = next
  }
}
