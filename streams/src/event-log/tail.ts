import type { Topic } from '@custodia/contracts'
import type { Bells } from './bells.js'
import type { Consumer, LogRecord } from './event-log.js'
import { partitionsOf } from './partitions.js'
import { endOf, readBatch } from './reading.js'
import type { Storage } from './storage.js'

/** Reads all partitions of a topic on from where it starts, one batch at a time. */
export const tailTopic = (
  { storage, bells }: { storage: Storage; bells: Bells },
  { topic, from = {}, maxBatch }: { topic: Topic; from?: Record<number, number>; maxBatch?: number },
  onRecords: (records: LogRecord[]) => void | Promise<void>,
): Consumer => {
  const stopping = new AbortController()
  const next = new Map(
    partitionsOf(topic).map((partition) => [partition, from[partition] ?? endOf(storage, topic, partition)]),
  )

  const readOn = async (): Promise<void> => {
    for (let more = true; more && !stopping.signal.aborted;) {
      more = false
      for (const [partition, offset] of next) {
        const batch = readBatch(storage, topic, partition, { from: offset, limit: maxBatch })
        const last = batch.at(-1)
        if (!last || stopping.signal.aborted) continue
        await onRecords(batch)
        next.set(partition, last.offset + 1)
        more = true
      }
      await new Promise((resolve) => setImmediate(resolve)) // a long backlog leaves the event loop to others
    }
  }
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const rung = bells.count(topic)
      await readOn()
      await bells.rung(topic, rung, stopping.signal)
    }
  }

  const done = run()
  return {
    ready: Promise.resolve(), // where it starts was read above
    done,
    stop: async () => {
      stopping.abort()
      await done.catch(() => undefined)
    },
  }
}
