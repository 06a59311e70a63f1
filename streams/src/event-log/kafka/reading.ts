import type { Topic } from '@custodia/contracts'
import { EventLogError } from '../event-log.js'
import type { LogRecord } from '../event-log.js'
import { partitionsOf } from '../partitions.js'
import { READ_UNCOMMITTED, typeOf } from './client.js'
import type { Client } from './client.js'
import type { FetchedPartition } from './kafkajs.js'

/** What one fetch brought of a partition, and where the next one goes on. */
export interface Fetched {
  partition: number
  records: LogRecord[]
  next: number
}

const PARTITION_BYTES = 1_048_576
const FETCH_BYTES = 10_485_760

/** one request to the leader of these partitions; waits up to `waitMs` for the first record to come */
export const fetchFrom = async (
  { cluster, topicName }: { cluster: Client['cluster']; topicName: string },
  { nodeId, topic, waitMs }: { nodeId: number; topic: Topic; waitMs: number },
  from: Map<number, number>,
): Promise<Fetched[]> => {
  const broker = await cluster.findBroker({ nodeId })
  const partitions = [...from].map(([partition, offset]) => {
    return { partition, fetchOffset: `${offset}`, maxBytes: PARTITION_BYTES }
  })
  const { responses } = await broker.fetch({
    isolationLevel: READ_UNCOMMITTED,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    topics: [{ topic: topicName, partitions }],
  })
  return responses.flatMap((response) =>
    response.partitions.map((fetched) => fetchedOf(topic, fetched, from.get(fetched.partition) ?? 0)),
  )
}

const fetchedOf = (topic: Topic, { partition, highWatermark, messages }: FetchedPartition, from: number): Fetched => {
  // a batch is sent whole, from before the offset that was asked for
  const within = messages.filter(({ offset }) => Number(offset) >= from)
  const records = within
    .filter(({ isControlRecord }) => !isControlRecord)
    .map(({ offset, timestamp, key, value, headers }): LogRecord => {
      const named = Object.entries(headers).map(([name, bytes]) => [name, bytes.toString()])
      return {
        topic,
        partition,
        offset: Number(offset),
        appendedAt: Number(timestamp),
        key: key?.toString() ?? '',
        value: value ?? Buffer.alloc(0),
        ...(named.length > 0 && { headers: Object.fromEntries(named) as Record<string, string> }),
      }
    })
  const last = within.at(-1)
  // of a batch whose records were all compacted away nothing comes, not even its end
  const passed = from < Number(highWatermark) ? from + 1 : from
  return { partition, records, next: last ? Number(last.offset) + 1 : passed }
}

export interface Range {
  partition: number
  start: number
  end: number
}

export const rangesOf = (client: Client, topic: Topic): Promise<Range[]> =>
  client.asking(`asking where ${topic} starts and ends`, async () => {
    const at = async (edge: 'start' | 'end') => {
      const [found] = await client.cluster.fetchTopicsOffset([client.edgesOf(topic, edge)])
      return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    }
    const [starts, ends] = [await at('start'), await at('end')]
    return partitionsOf(topic).map((partition) => ({
      partition,
      start: starts.get(partition) ?? 0,
      end: ends.get(partition) ?? 0,
    }))
  })

export const rangeOf = async (client: Client, topic: Topic, partition: number): Promise<Range> => {
  const found = (await rangesOf(client, topic)).find((range) => range.partition === partition)
  if (!found) throw new EventLogError(`${topic} has no partition ${partition}.`, true)
  return found
}

/** every record in [from, to); never past what was the end when the reading began */
export async function* readAll(
  client: Client,
  topic: Topic,
  partition: number,
  from: number,
  to = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<LogRecord> {
  const range = await rangeOf(client, topic, partition)
  const end = Math.min(to, range.end)
  for (let next = Math.max(from, range.start); next < end;) {
    const [fetched] = await client.asking(`reading ${topic}`, () =>
      fetchFrom(
        { cluster: client.cluster, topicName: client.topicName(topic) },
        { nodeId: client.leaderOf(topic, partition), topic, waitMs: 0 },
        new Map([[partition, next]]),
      ),
    )
    if (!fetched) return
    for (const record of fetched.records) {
      if (record.offset >= end) return
      yield record
    }
    next = fetched.next
  }
}

export const isOutOfRange = (error: unknown): boolean => typeOf(error) === 'OFFSET_OUT_OF_RANGE'
