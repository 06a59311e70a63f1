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
}

/**
 * Creates the topics that are missing, and refuses topics that would break a promise: another number of partitions would
 * send a key elsewhere, and times by the writers' clocks can be forged. Nothing ages out here: retention is the audit's decision.
 */
export const ensureTopics = async (admin: Admin, settings: TopicSettings): Promise<void> => {
  const present = new Set(await admin.listTopics())
  const missing = topicNames.filter((topic) => !present.has(settings.name(topic)))
  if (missing.length > 0)
    await admin.createTopics({ waitForLeaders: false, topics: missing.map((topic) => declaration(topic, settings)) })
  const existing = topicNames.filter((topic) => !missing.includes(topic))
  if (existing.length > 0) await requireSame(admin, settings, existing)
}

const declaration = (topic: Topic, { name, replication }: TopicSettings): ITopicConfig => {
  const config: Record<string, string> = {
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': `${MAX_BATCH_BYTES + 1_000_000}`,
    'cleanup.policy': topics[topic].compacted ? 'compact' : 'delete',
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'unclean.leader.election.enable': 'false', // acknowledged records are not given up to be back sooner
    ...(replication && { 'min.insync.replicas': `${Math.max(1, replication - 1)}` }),
  }
  return {
    topic: name(topic),
    numPartitions: topics[topic].partitions,
    replicationFactor: replication ?? -1,
    configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
  }
}

const requireSame = async (admin: Admin, { name }: TopicSettings, existing: Topic[]): Promise<void> => {
  const metadata = await admin.fetchTopicMetadata({ topics: existing.map(name) })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map((topic) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: name(topic),
      configNames: ['message.timestamp.type'],
    })),
  })
  for (const topic of existing) {
    const found = metadata.topics.find((each) => each.name === name(topic))?.partitions.length
    const declared = topics[topic].partitions
    if (found !== declared)
      throw new EventLogError(
        `Topic ${name(topic)} has ${found} partitions instead of ${declared}: a key's records would part.`,
        true,
      )
    const entries = resources.find(({ resourceName }) => resourceName === name(topic))?.configEntries ?? []
    const stamped = entries.find(({ configName }) => configName === 'message.timestamp.type')?.configValue
    if (stamped !== 'LogAppendTime')
      throw new EventLogError(
        `Topic ${name(topic)} needs message.timestamp.type=LogAppendTime; it has ${stamped}.`,
        true,
      )
  }
}
