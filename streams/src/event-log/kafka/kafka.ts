import kafkajs from 'kafkajs'
import { topicNames } from '@custodia/contracts'
import type { Topic } from '@custodia/contracts'
import { refuseOversized, withVersion } from '../appending.js'
import { EventLogError } from '../event-log.js'
import type { Consumer, EventLog, NewRecord, Position } from '../event-log.js'
import { Client, reason } from './client.js'
import type { ClientOptions, KafkaServers } from './client.js'
import { GroupConsumer } from './group-consumer.js'
import { committedOf } from './membership.js'
import { Producer } from './producer.js'
import { rangesOf, readAll } from './reading.js'
import { tailTopic } from './tail.js'
import { ensureTopics } from './topics.js'
import type { TopicSettings } from './topics.js'

export interface KafkaEventLogOptions extends KafkaServers {
  /** longest wait for an append or a commit */
  timeoutMs?: number
  /** put before the names of topics and groups, where several systems share a cluster */
  prefix?: string
  /** copies of every partition, for topics that are missing; default: as the cluster has it */
  replication?: number
  /** how long topics that may age keep a record; default: for ever */
  retentionDays?: number
  /** a member of a group that is silent for so long is taken for dead */
  sessionMs?: number
}

/** how soon the members of a group learn that it changed */
const HEARTBEAT_MS = 500

/** Port 1 on a Kafka cluster. Missing topics are created; topics that would break a promise are refused. */
export const openKafkaEventLog = async (options: KafkaEventLogOptions): Promise<EventLog> => {
  const {
    brokers,
    clientId,
    ssl,
    sasl,
    timeoutMs = 2000,
    prefix = '',
    replication,
    retentionDays,
    sessionMs = 6000,
  } = options
  // a copy: kafkajs keeps its authenticator in the object that it is given
  const servers: KafkaServers = { brokers, clientId, ...(ssl && { ssl }), ...(sasl && { sasl: { ...sasl } }) }
  const clientOptions: ClientOptions = { ...servers, timeoutMs, prefix }
  await createMissing(clientOptions, { name: (topic) => prefix + topic, replication, retentionDays })
  const [asking, producing] = await Promise.all([Client.open(clientOptions), Client.open(clientOptions)])
  const producer = new Producer(producing)
  const consumers = new Set<Consumer>()
  let closing: Promise<void> | undefined

  const started = (consumer: Consumer): Consumer => {
    consumers.add(consumer)
    const stop = () => consumer.stop().finally(() => consumers.delete(consumer))
    return { ready: consumer.ready, done: consumer.done, stop }
  }
  const appendAll = async (topic: Topic, records: NewRecord[]): Promise<Position[]> => {
    refuseOversized(records)
    return producer.append(topic, withVersion(topic, records))
  }
  const close = async (): Promise<void> => {
    await Promise.all([...consumers].map((consumer) => consumer.stop()))
    await producer.close()
    await Promise.all([asking.close(), producing.close()])
  }

  return {
    appendAll,
    append: async (topic, record) => {
      const [position] = await appendAll(topic, [record])
      return position as Position // one record, one position
    },
    consume: (group, handler) =>
      started(new GroupConsumer(clientOptions, group, { sessionMs, heartbeatMs: HEARTBEAT_MS }, handler)),
    tail: (tail, onRecords) => started(tailTopic(clientOptions, tail, onRecords)),
    read: (topic, partition, from, to) => readAll(asking, topic, partition, from, to),
    range: (topic) => rangesOf(asking, topic),
    committed: (group, topic) => committedOf(asking, asking.groupName(group, topic), topic),
    check: async () => {
      if (closing) throw new EventLogError('The event log is closed.', true)
      await requireLeaders(asking, replication)
    },
    close: () => (closing ??= close()),
  }
}

const createMissing = async (
  { timeoutMs, prefix: _, ...servers }: ClientOptions,
  settings: TopicSettings,
): Promise<void> => {
  const quiet = { logLevel: kafkajs.logLevel.NOTHING, connectionTimeout: timeoutMs, retry: { retries: 3 } }
  const admin = new kafkajs.Kafka({ ...servers, ...quiet }).admin()
  try {
    await admin.connect()
    await ensureTopics(admin, settings)
  } catch (error) {
    if (error instanceof EventLogError) throw error
    throw new EventLogError(`Kafka at ${servers.brokers.join(', ')} cannot be used: ${reason(error)}`, true, {
      cause: error,
    })
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** an append needs the leader of its partition, and as many copies as were asked for less one */
const requireLeaders = async (client: Client, replication = 1): Promise<void> => {
  await client.asking('asking who leads', () => client.cluster.refreshMetadata())
  for (const topic of topicNames)
    for (const { partitionId, leader, isr } of client.cluster.findTopicPartitionMetadata(client.topicName(topic))) {
      if (leader < 0) throw new EventLogError(`Partition ${partitionId} of ${topic} has no leader.`, true)
      if (isr.length < Math.max(1, replication - 1))
        throw new EventLogError(
          `Partition ${partitionId} of ${topic} has ${isr.length} copies in sync: too few to append.`,
          true,
        )
    }
}
