import { createHash } from 'node:crypto'
import { topics } from '@custodia/contracts'
import type { Topic } from '@custodia/contracts'
import { MAX_VALUE_BYTES, VERSION_HEADER } from './event-log.js'
import type { NewRecord, Position } from './event-log.js'
import { Refused } from './group-commit.js'
import { partitionOf } from './partitions.js'
import type { Tables } from './storage.js'

/** Inside a transaction: puts records at the ends of their partitions. */
export const appendRecords = (tables: Tables, topic: Topic, records: NewRecord[], now: () => number): Position[] => {
  const positions: Position[] = []
  const time = now()
  for (const { key, value, headers } of records) {
    const partition = partitionOf(topic, key)
    const open = tables.openEnds.of(topic, partition)
    open.appendedAt = Math.max(time, open.appendedAt)
    const position = { partition, offset: open.end++, appendedAt: open.appendedAt }
    void tables.records[topic].put([partition, position.offset], {
      key,
      value,
      headers,
      appendedAt: position.appendedAt,
    })
    if (topics[topic].compacted) replaceNewest(tables, topic, key, position)
    positions.push(position)
  }
  return positions
}

/** what Kafka's brokers refuse as well, so that it shows on the smallest machine first */
export const refuseOversized = (records: NewRecord[]): void => {
  const largest = Math.max(0, ...records.map((record) => record.value.length))
  if (largest > MAX_VALUE_BYTES)
    throw new Refused(`A record of ${largest} bytes is larger than the ${MAX_VALUE_BYTES} that the event log takes.`)
}

const replaceNewest = (tables: Tables, topic: Topic, key: string, { partition, offset }: Position): void => {
  const entry: [string, number, string] = [topic, partition, createHash('sha256').update(key).digest('base64')]
  const older = tables.newest.get(entry)
  if (older !== undefined) void tables.records[topic].remove([partition, older])
  void tables.newest.put(entry, offset)
}

/** The records as they are stored: each says by which version of its topic's schema it is to be read. A restored one says it already. */
export const withVersion = (topic: Topic, records: NewRecord[]): NewRecord[] => {
  const version = { [VERSION_HEADER]: `${topics[topic].version}` }
  return records.map(({ key, value, headers }) => ({
    key,
    value,
    headers: headers ? { ...version, ...headers } : version,
  }))
}
