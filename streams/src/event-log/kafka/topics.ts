import { topicNames, topics } from '@custodia/contracts'
import type { Topic } from '@custodia/contracts'
import kafkajs from 'kafkajs'
import type { Admin, ITopicConfig } from 'kafkajs'
import { EventLogError } from '../event-log.js'

/** Largest batch of one append; a snapshot's chunks are appended together. */
export const MAX_BATCH_BYTES = 32_000_000

export interface TopicSettings {
  name(topic: Topic): string
  /** copies of every partition; an append is acknowledged by all but one of them at least. Absent: as the cluster has it. */
  replication?: number
  /** how long topics that may age keep a record; absent: for ever */
  retentionDays?: number
}

/**
 * Creates the topics that are missing as they are declared, and refuses those that would break a promise, all of them in
 * one sentence that says what to do. An operator may keep more, in more copies, than was asked for.
 */
export const ensureTopics = async (admin: Admin, settings: TopicSettings): Promise<void> => {
  const present = new Set(await admin.listTopics())
  const missing = topicNames.filter((topic) => !present.has(settings.name(topic)))
  if (missing.length > 0)
    await admin.createTopics({ waitForLeaders: false, topics: missing.map((topic) => declaration(topic, settings)) })
  const existing = topicNames.filter((topic) => !missing.includes(topic))
  if (existing.length > 0) await requireSame(admin, settings, existing)
}

/** What a topic is set to, and what else an existing one may be set to. */
interface Setting {
  value: string
  orElse?: (found: string) => boolean
}

const settingsOf = (topic: Topic, { replication, retentionDays }: TopicSettings): Record<string, Setting> => {
  const { compacted, ages } = topics[topic]
  const retention = ages && retentionDays ? retentionDays * DAY_MS : -1
  const batch = MAX_BATCH_BYTES + 1_000_000
  const inSync = Math.max(1, (replication ?? 1) - 1)
  return {
    // times by the clocks of those who write could be forged, and run backwards
    'message.timestamp.type': { value: 'LogAppendTime' },
    'max.message.bytes': { value: `${batch}`, orElse: (found) => Number(found) >= batch },
    'cleanup.policy': { value: compacted ? 'compact' : 'delete' },
    'retention.ms': {
      value: `${retention}`,
      orElse: (found) => retention > 0 && (found === '-1' || Number(found) >= retention),
    },
    'retention.bytes': { value: '-1' },
    // acknowledged records are not given up to be back sooner
    'unclean.leader.election.enable': { value: 'false' },
    ...(replication && {
      'min.insync.replicas': { value: `${inSync}`, orElse: (found: string) => Number(found) >= inSync },
    }),
  }
}

/** What of a topic's settings, as a cluster tells them, would break a promise: the same for whoever starts and whoever looks. */
export const wrongSettingsOf = (
  topic: Topic,
  settings: TopicSettings,
  told: readonly { configName: string; configValue: string }[],
): { key: string; found: string; value: string }[] =>
  Object.entries(settingsOf(topic, settings)).flatMap(([key, { value, orElse }]) => {
    const found = told.find(({ configName }) => configName === key)?.configValue ?? 'nothing'
    return found === value || orElse?.(found) ? [] : [{ key, found, value }]
  })

const declaration = (topic: Topic, settings: TopicSettings): ITopicConfig => ({
  topic: settings.name(topic),
  numPartitions: topics[topic].partitions,
  replicationFactor: settings.replication ?? -1,
  configEntries: Object.entries(settingsOf(topic, settings)).map(([name, { value }]) => ({ name, value })),
})

const requireSame = async (admin: Admin, settings: TopicSettings, existing: Topic[]): Promise<void> => {
  const { name, replication = 1 } = settings
  const metadata = await admin.fetchTopicMetadata({ topics: existing.map(name) })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map((topic) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: name(topic) })),
  })
  const wrong: string[] = []
  for (const topic of existing) {
    const partitions = metadata.topics.find((each) => each.name === name(topic))?.partitions ?? []
    const declared = topics[topic].partitions
    if (partitions.length !== declared)
      // a key's records would part, and no number of partitions can be taken back
      wrong.push(
        `${name(topic)} has ${partitions.length} partitions instead of ${declared}: make it anew, or set another CUSTODIA_KAFKA_PREFIX`,
      )
    const copies = Math.min(...partitions.map(({ replicas }) => replicas.length))
    if (copies < replication)
      wrong.push(
        `${name(topic)} has ${copies} of ${replication} copies: give it more with kafka-reassign-partitions.sh`,
      )
    const entries = resources.find(({ resourceName }) => resourceName === name(topic))?.configEntries ?? []
    for (const { key, found, value } of wrongSettingsOf(topic, settings, entries))
      wrong.push(
        `${name(topic)} has ${key}=${found}: run kafka-configs.sh --alter --entity-type topics --entity-name ${name(topic)} --add-config ${key}=${value}`,
      )
  }
  if (wrong.length > 0) throw new EventLogError(`Topics are not as they must be. ${wrong.join('; ')}.`, true)
}

const DAY_MS = 86_400_000
