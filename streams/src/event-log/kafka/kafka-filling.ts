import { topicNames, topics, type Topic } from '@custodia/contracts'
import kafkajs from 'kafkajs'
import { EventLogError, type LogRecord } from '../event-log.js'
import type { LogFilling } from '../filling.js'
import { Client } from './client.js'
import { openKafkaEventLog, type KafkaEventLogOptions } from './kafka.js'

/** Small enough for one batch of Kafka's. */
const MOST_RECORDS = 500

/**
 * Fills the topics of a cluster. Kafka numbers records by itself, so an empty topic gives them their old offsets; it stamps
 * them with its own time, so what detection replays after the restore happened, for it, during the restore. Topics that are
 * not empty are refused.
 */
export const fillKafkaEventLog = async (options: KafkaEventLogOptions): Promise<LogFilling> => {
  const log = await openKafkaEventLog(options)
  for (const topic of topicNames) {
    if ((await log.range(topic)).some(({ end }) => end > 0)) {
      await log.close()
      throw new EventLogError(
        `Topic ${topic} is not empty: restore into a cluster without Custodia's topics, or set CUSTODIA_KAFKA_PREFIX to a new one.`,
        true,
      )
    }
  }
  const putSome = async (topic: Topic, records: LogRecord[]): Promise<void> => {
    const positions = await log.appendAll(topic, records)
    const wrong = topics[topic].compacted
      ? undefined
      : records.find((record, i) => positions[i]?.offset !== record.offset)
    if (wrong)
      throw new EventLogError(
        `Record ${wrong.offset} of ${topic} got another offset: is another process writing to these topics?`,
        true,
      )
  }
  return {
    put: async (records) => {
      for (const [topic, ofTopic] of Map.groupBy(records, (record) => record.topic))
        for (let at = 0; at < ofTopic.length; at += MOST_RECORDS)
          await putSome(topic, ofTopic.slice(at, at + MOST_RECORDS))
    },
    finish: async (_ends, offsets) => {
      const { brokers, clientId, ssl, sasl, timeoutMs = 2000, prefix = '' } = options
      const servers = { brokers, clientId, ...(ssl && { ssl }), ...(sasl && { sasl: { ...sasl } }) }
      const client = await Client.open({ ...servers, timeoutMs, prefix })
      const admin = new kafkajs.Kafka({ ...servers, logLevel: kafkajs.logLevel.NOTHING }).admin()
      try {
        await admin.connect()
        for (const [groupId, ofGroup] of Map.groupBy(offsets, ({ group, topic }) => client.groupName(group, topic)))
          for (const [topic, partitions] of Map.groupBy(ofGroup, ({ topic }) => client.topicName(topic)))
            await admin.setOffsets({
              groupId,
              topic,
              partitions: partitions.map(({ partition, offset }) => ({ partition, offset: `${offset}` })),
            })
      } finally {
        await admin.disconnect().catch(() => undefined)
        await client.close()
      }
    },
    close: () => log.close(),
  }
}
