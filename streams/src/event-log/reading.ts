import { setImmediate as turn } from 'node:timers/promises'
import type { Topic } from '@custodia/contracts'
import type { LogRecord } from './event-log.js'
import type { Storage } from './storage.js'

/** Records read at a time where the caller named no number. */
export const BATCH = 500
/** A batch ends early once it holds this many bytes. */
const BATCH_BYTES = 4_000_000

/** the next records of a partition from `from` on, at most `limit` of them, up to `to` */
export const readBatch = (
  { tables, refresh }: Storage,
  topic: Topic,
  partition: number,
  { from, to = Number.MAX_SAFE_INTEGER, limit = BATCH }: { from: number; to?: number; limit?: number },
): LogRecord[] => {
  refresh()
  const batch: LogRecord[] = []
  let bytes = 0
  for (const entry of tables.records[topic].getRange({ start: [partition, from], end: [partition, to], limit })) {
    batch.push({ topic, partition, offset: entry.key[1], ...entry.value })
    bytes += entry.value.value.length
    if (bytes >= BATCH_BYTES) break
  }
  return batch
}

/** The same for thousands of records, with turns for others in between. */
export const readLong = async (
  storage: Storage,
  topic: Topic,
  partition: number,
  { from, limit = BATCH }: { from: number; limit?: number },
): Promise<LogRecord[]> => {
  let batch = readBatch(storage, topic, partition, { from, limit: Math.min(limit, BATCH) })
  let bytes = bytesOf(batch)
  for (let slice = batch; slice.length === BATCH && batch.length < limit && bytes < BATCH_BYTES;) {
    await turn()
    const next = (batch.at(-1)?.offset ?? from) + 1
    slice = readBatch(storage, topic, partition, { from: next, limit: Math.min(limit - batch.length, BATCH) })
    batch = batch.concat(slice)
    bytes += bytesOf(slice)
  }
  return batch
}

const bytesOf = (records: LogRecord[]): number => records.reduce((bytes, { value }) => bytes + value.length, 0)

export const endOf = ({ tables, refresh }: Storage, topic: Topic, partition: number): number => {
  refresh()
  return tables.ends.get([topic, partition])?.end ?? 0
}

/** first offset that is still kept */
export const startOf = (storage: Storage, topic: Topic, partition: number): number => {
  storage.refresh()
  const range = { start: [partition, 0], end: [partition, Number.MAX_SAFE_INTEGER], limit: 1 }
  for (const [, offset] of storage.tables.records[topic].getKeys(range)) return offset
  return endOf(storage, topic, partition)
}

/** every record in [from, to); never past what was the end when the reading began */
export async function* readAll(
  storage: Storage,
  topic: Topic,
  partition: number,
  from: number,
  to = endOf(storage, topic, partition),
): AsyncGenerator<LogRecord> {
  const end = Math.min(to, endOf(storage, topic, partition))
  for (let next = from; next < end;) {
    const batch = readBatch(storage, topic, partition, { from: next, to: end })
    const last = batch.at(-1)
    if (!last) return // a compacted topic may end in offsets that are gone
    yield* batch
    next = last.offset + 1
    await turn() // a long read leaves the event loop to others
  }
}
