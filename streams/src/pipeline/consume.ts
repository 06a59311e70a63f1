import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Topic } from '@custodia/contracts'
import type { Committed, Consumer, EventLog, LogRecord, OwnedPartition } from '../event-log/index.js'
import { defaultBackoff, withBackoff, type Backoff } from './backoff.js'
import type { Pipeline } from './compose.js'
import { deadLetterOf } from './dead-letter.js'

/** An exact range of one partition: the same range always holds the same records. */
export interface Range {
  topic: Topic
  partition: number
  /** offsets, both included */
  first: number
  last: number
}

/** Where items end up. Repeated with the same range and items it must change nothing. */
export type Sink<Out> = (items: Out[], range: Range) => Promise<void>

/** How soon after a small batch the next one may begin. */
export interface Pace {
  /** measured from the beginning of the one before */
  leastMs: number
  /** so many times what the one before took, where that is longer: on a busy machine batches become fewer and larger */
  times: number
  mostMs: number
}

export interface Stream<Out> {
  group: string
  topic: Topic
  pipeline: Pipeline<LogRecord, Out>
  sinks: readonly Sink<Out>[]
  maxBatch?: number
  /** a partition's pace; the first batch never waits, nor what comes after a large one */
  pace?: Pace
}

export interface ConsumeDeps {
  log: EventLog
  logger: { warn(facts: object, message: string): void; error(facts: object, message: string): void }
  backoff?: Backoff
}

/**
 * Runs a pipeline over a topic: the only place that moves offsets. For each batch it records the range in the commit's
 * metadata, hands exactly that range to every sink and the dead letters to their topic, and commits once all of them
 * acknowledged. A new owner first repeats a recorded range. What keeps failing ends the consumer: nothing is passed over.
 */
export const consume = <Out>(deps: ConsumeDeps, stream: Stream<Out>): Consumer => {
  const { log, logger, backoff = defaultBackoff } = deps
  const { group, topic, pipeline, sinks, maxBatch = 5_000, pace } = stream

  const stubbornly = <T>(owned: OwnedPartition, what: string, work: () => Promise<T>): Promise<T> =>
    withBackoff(work, backoff, owned.signal, (error, tried) => {
      const why = error instanceof Error ? error.message : String(error)
      logger.warn({ group, topic, partition: owned.partition, what, tried, why }, 'will be tried again')
    })

  const finish = async (owned: OwnedPartition, range: Range, records: LogRecord[]): Promise<void> => {
    const { kept, letters } = await inTurn(() => sort(pipeline, records))
    if (letters.length > 0) {
      logger.error(
        { group, topic, partition: range.partition, letters: letters.length },
        'records went to the dead letters',
      )
      await stubbornly(owned, 'dead letters', () => log.appendAll('dead-letters', letters))
    }
    for (const sink of sinks) await stubbornly(owned, 'sink', () => sink(kept, range))
    await owned.commit(range.last + 1)
  }

  const handle = async (owned: OwnedPartition, records: LogRecord[]): Promise<void> => {
    const [first, last] = [records[0], records.at(-1)]
    if (!first || !last) return
    const range = { topic, partition: owned.partition, first: first.offset, last: last.offset }
    const started = performance.now()
    await owned.commit(range.first, noteOf(range))
    await finish(owned, range, records)
    if (!pace || isLarge(records)) return
    const took = performance.now() - started
    const early = Math.min(Math.max(pace.leastMs, took * pace.times), pace.mostMs) - took
    if (early > 0) await sleep(early, undefined, { signal: owned.signal })
  }

  return log.consume(
    { group, topic, maxBatch },
    {
      assigned: (owned) =>
        untilTaken(owned, async () => {
          const committed = await owned.committed()
          const range = rangeIn(committed, topic, owned.partition)
          if (!range) return committed?.offset
          const records: LogRecord[] = []
          for await (const record of owned.read(range.first, range.last + 1)) records.push(record)
          await finish(owned, range, records)
          return range.last + 1
        }),
      batch: (owned, records) => untilTaken(owned, () => handle(owned, records)),
    },
  )
}

/** Work that ends because its partition is taken away was not in vain: the next owner repeats it from the recorded range. */
const untilTaken = async <T>(owned: OwnedPartition, work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work()
  } catch (error) {
    if (owned.signal.aborted) return undefined
    throw error
  }
}

/** Of a batch like this what a batch costs however small it is counts no more; behind it there is probably another one. */
const isLarge = (records: LogRecord[]): boolean =>
  records.length >= LARGE || records.reduce((bytes, { value }) => bytes + value.length, 0) >= LARGE_BYTES
const LARGE = 2_000
const LARGE_BYTES = 1_000_000

/**
 * Batches go through their pipelines one after the other: the first is with its sinks while the next is worked on. Side by
 * side they would all be done at the same late moment, and the sinks idle until then.
 */
const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const done = last.then(work)
  last = done.catch(() => undefined)
  return done
}
let last: Promise<unknown> = Promise.resolve()

/** Longest work before the event loop has its turn. */
const SLICE_MS = 4

const sort = async <Out>(pipeline: Pipeline<LogRecord, Out>, records: LogRecord[]) => {
  const kept: Out[] = []
  const letters = []
  let since = performance.now()
  for (const record of records) {
    if (performance.now() - since > SLICE_MS) {
      await turn()
      since = performance.now()
    }
    const outcome = pipeline.run(record)
    if (outcome.kind === 'keep') kept.push(outcome.value)
    else if (outcome.kind === 'dead') letters.push(deadLetterOf(record, outcome.step, outcome.reason))
  }
  return { kept, letters }
}

const noteOf = ({ first, last }: Range): string => `${first}-${last}`

const rangeIn = (committed: Committed | undefined, topic: Topic, partition: number): Range | undefined => {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(committed?.metadata ?? '') ?? []
  return first && last ? { topic, partition, first: Number(first), last: Number(last) } : undefined
}
