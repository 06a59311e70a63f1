import { topicNames, topics, type Topic } from '@custodia/contracts'
import kafkajs from 'kafkajs'
import type { Admin } from 'kafkajs'
import { Client, reason } from './client.js'
import type { Broker } from './kafkajs.js'
import { rangesOf, readAll } from './reading.js'
import type { KafkaSettings } from './settings.js'
import { wrongSettingsOf, type TopicSettings } from './topics.js'

/** What a Kafka cluster says about itself and about us, without anything being changed. */
export interface KafkaFacts {
  brokers: number
  /** the protocol tells no version, but Kafka 4.0 stopped answering requests of old clients */
  isVersion4: boolean
  missing: Topic[]
  /** topics that this user may not see, ask about or read, with the reason */
  closed: string[]
  /** topics that differ from their declaration, in words */
  wrong: string[]
  /** partitions without a leader, and with fewer copies in sync than there should be */
  leaderless: string[]
  behind: string[]
  /** the smallest number of copies that a partition of ours has; undefined where there is none yet */
  replication: number | undefined
  /** how far the newest record's time, which a broker stamped, lies ahead of our clock; undefined in an empty log */
  newestAheadMs: number | undefined
}

const fetchRequest = 1

export const inspectKafka = async (settings: KafkaSettings, patienceMs: number): Promise<KafkaFacts> => {
  const { brokers, ssl, sasl, prefix = '', replication, retentionDays } = settings
  const declared: TopicSettings = { name: (topic) => prefix + topic, replication, retentionDays }
  // copies: kafkajs keeps its authenticator in the object that it is given
  const servers = () => ({
    brokers,
    clientId: 'custodia-doctor',
    ...(ssl && { ssl }),
    ...(sasl && { sasl: { ...sasl } }),
  })
  const retry = { retries: 1, initialRetryTime: 50, maxRetryTime: patienceMs }
  const bounds = { connectionTimeout: patienceMs, requestTimeout: patienceMs, retry }
  const admin = new kafkajs.Kafka({ ...servers(), ...bounds, logLevel: kafkajs.logLevel.NOTHING }).admin()
  const client = new Client({ ...servers(), timeoutMs: patienceMs, prefix })
  try {
    await Promise.all([admin.connect(), client.cluster.connect()])
    const { brokers: nodes } = await admin.describeCluster()
    const known = new Set(await admin.listTopics())
    const present = topicNames.filter((topic) => known.has(prefix + topic))
    await client.cluster.addMultipleTargetTopics(present.map((topic) => prefix + topic))
    const told = await Promise.all(present.map((topic) => topicFacts({ admin, client, settings: declared }, topic)))
    const seen = told.filter((each) => typeof each !== 'string')
    const newest = seen.flatMap((each) => each.newest)
    const controller = (await client.cluster.findControllerBroker()) as Versioned
    return {
      brokers: nodes.length,
      isVersion4: (controller.versions?.[fetchRequest]?.minVersion ?? 0) >= 4,
      missing: topicNames.filter((topic) => !present.includes(topic)),
      closed: told.filter((each) => typeof each === 'string'),
      wrong: seen.flatMap((each) => each.wrong),
      leaderless: seen.flatMap((each) => each.leaderless),
      behind: seen.flatMap((each) => each.behind),
      replication: seen.length > 0 ? Math.min(...seen.map((each) => each.replication)) : undefined,
      newestAheadMs: newest.length > 0 ? Math.max(...newest) - Date.now() : undefined,
    }
  } finally {
    await Promise.allSettled([admin.disconnect(), client.close()])
  }
}

/** What a broker answers to, by the number of the request. */
type Versioned = Broker & { versions?: Record<number, { minVersion: number }> }

interface TopicFacts {
  wrong: string[]
  leaderless: string[]
  behind: string[]
  replication: number
  /** when the newest record of each partition was appended */
  newest: number[]
}

/** The reason in words where this user may not know. */
const topicFacts = async (
  { admin, client, settings }: { admin: Admin; client: Client; settings: TopicSettings },
  topic: Topic,
): Promise<TopicFacts | string> => {
  const name = settings.name(topic)
  try {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [name] })
    const partitions = found[0]?.partitions ?? []
    const at = ({ partitionId }: { partitionId: number }) => `${name}/${partitionId}`
    return {
      wrong: [
        ...(partitions.length === topics[topic].partitions
          ? []
          : [`${name} has ${partitions.length} partitions instead of ${topics[topic].partitions}`]),
        ...(await wrongSettings(admin, topic, settings)),
      ],
      leaderless: partitions.filter(({ leader }) => leader < 0).map(at),
      behind: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).map(at),
      replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      newest: await newestOf(client, topic),
    }
  } catch (error) {
    return `${name}: ${reason(error)}`
  }
}

const wrongSettings = async (admin: Admin, topic: Topic, settings: TopicSettings): Promise<string[]> => {
  const name = settings.name(topic)
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }],
  })
  return wrongSettingsOf(topic, settings, resources[0]?.configEntries ?? []).map(
    ({ key, found, value }) => `${name} has ${key}=${found} instead of ${value}`,
  )
}

const newestOf = async (client: Client, topic: Topic): Promise<number[]> => {
  const newest: number[] = []
  for (const { partition, start, end } of await rangesOf(client, topic))
    for await (const record of readAll(client, topic, partition, Math.max(start, end - 1)))
      newest.push(record.appendedAt)
  return newest
}
