import type { Topic } from '@custodia/contracts'
import type { Consumer, LogRecord } from '../event-log.js'
import { partitionsOf } from '../partitions.js'
import { Backlog } from './backlog.js'
import { Client } from './client.js'
import type { ClientOptions } from './client.js'
import { Feed } from './feed.js'
import { rangesOf } from './reading.js'

export interface TailOptions {
  topic: Topic
  from?: Record<number, number>
  maxBatch?: number
}

/** Reads all partitions of a topic on from where it starts, one batch at a time. */
export const tailTopic = (
  options: ClientOptions,
  { topic, from = {}, maxBatch }: TailOptions,
  onRecords: (records: LogRecord[]) => void | Promise<void>,
): Consumer => {
  const stopping = new AbortController()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined) // heard where it is raced below
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined) // `done` tells it as well

  const read = async (): Promise<void> => {
    const client = await Client.open(options)
    const backlogs = new Map<number, Backlog>()
    const feed = new Feed(client, topic, (partition, records) => backlogs.get(partition)?.add(records), failed.reject)
    let turn = Promise.resolve()
    const inTurn = (records: LogRecord[]): Promise<void> => {
      const mine = turn.then(() => (stopping.signal.aborted ? undefined : onRecords(records)))
      turn = mine.catch(() => undefined)
      return mine
    }
    const readOn = async (backlog: Backlog): Promise<void> => {
      while (!stopping.signal.aborted) {
        const batch = await backlog.take(maxBatch, stopping.signal)
        if (batch.length > 0) await inTurn(batch)
      }
    }
    try {
      const ranges = await rangesOf(client, topic)
      for (const partition of partitionsOf(topic)) {
        backlogs.set(partition, new Backlog((wanted) => feed.want(partition, wanted)))
        feed.start(partition, from[partition] ?? ranges[partition]?.end ?? 0)
      }
      ready.resolve()
      await Promise.race([Promise.all([...backlogs.values()].map(readOn)), failed.promise])
    } finally {
      stopping.abort()
      await turn
      await feed.close()
      await client.close()
    }
  }

  const run = async (): Promise<void> => {
    try {
      await read()
      ready.resolve()
    } catch (error) {
      ready.reject(error)
      throw error
    }
  }

  const done = run()
  return {
    ready: ready.promise,
    done,
    stop: async () => {
      stopping.abort()
      await done.catch(() => undefined)
    },
  }
}
