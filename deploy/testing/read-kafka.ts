import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import type { RawRecord } from '../../streams/src/integrity/index.js'

/**
 * Everything that a topic holds now, read by kafkajs' own consumer in a group of its own: with nothing of the event log's
 * reading code, so that a test does not trust the reader that it checks. In order within each partition.
 */
export async function readKafka(brokers: string[], topic: string): Promise<RawRecord[]> {
  const kafka = new kafkajs.Kafka({ brokers, clientId: 'independent-reader', logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  const consumer = kafka.consumer({ groupId: `independent-reader-${randomUUID()}` })
  try {
    await Promise.all([admin.connect(), consumer.connect()])
    const ends = await admin.fetchTopicOffsets(topic)
    const open = new Map(
      ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]),
    )
    if (open.size === 0) return []
    const records: RawRecord[] = []
    const whole = Promise.withResolvers<void>()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message: { offset, timestamp, key, value, headers } }) => {
        if (!open.has(partition)) return // appended after we asked where it ends
        const named = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])
        records.push({
          partition,
          offset: Number(offset),
          key: key?.toString() ?? '',
          appendedAt: Number(timestamp),
          headers: Object.fromEntries(named) as Record<string, string>,
          value: value ?? Buffer.alloc(0),
        })
        if (Number(offset) + 1 === open.get(partition)) open.delete(partition)
        if (open.size === 0) whole.resolve()
      },
    })
    await whole.promise
    return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
  } finally {
    await Promise.all([admin.disconnect(), consumer.disconnect()])
  }
}
