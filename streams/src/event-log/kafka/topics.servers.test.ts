import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { topicNames, topics } from '@custodia/contracts'
import kafkajs from 'kafkajs'
import type { Admin } from 'kafkajs'
import { startKafka } from '../../../../deploy/servers/kafka.mjs'
import type { KafkaServer } from '../../../../deploy/servers/kafka.mjs'
import { inspectKafka } from './inspect.js'
import { openKafkaEventLog } from './kafka.js'

describe('the topics of a cluster', () => {
  let kafka: KafkaServer
  let admin: Admin
  let places = 0
  const newPrefix = () => `topics${places++}.`
  const open = (prefix: string, more: { retentionDays?: number; replication?: number } = {}) =>
    openKafkaEventLog({ brokers: kafka.brokers, clientId: 'test', prefix, ...more })

  beforeAll(async () => {
    kafka = await startKafka()
    admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
  })
  afterAll(async () => {
    await admin?.disconnect()
    await kafka?.stop()
  })

  const configOf = async (name: string): Promise<Record<string, string>> => {
    const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }]
    const described = await admin.describeConfigs({ includeSynonyms: false, resources })
    const entries = described.resources[0]?.configEntries ?? []
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
  }
  const day = 86_400_000

  it('are made as they are declared, by whoever starts first', async () => {
    const prefix = newPrefix()
    const logs = await Promise.all([1, 2, 3].map(() => open(prefix, { retentionDays: 90, replication: 1 })))
    await Promise.all(logs.map((log) => log.close()))
    for (const topic of topicNames) {
      const { partitions, compacted, ages } = topics[topic]
      const [found] = (await admin.fetchTopicMetadata({ topics: [prefix + topic] })).topics
      expect(found?.partitions).toHaveLength(partitions)
      expect(await configOf(prefix + topic)).toMatchObject({
        'message.timestamp.type': 'LogAppendTime',
        'cleanup.policy': compacted ? 'compact' : 'delete',
        'retention.ms': ages ? `${90 * day}` : '-1',
        'retention.bytes': '-1',
        'unclean.leader.election.enable': 'false',
        'min.insync.replicas': '1',
      })
    }
  })

  it('are refused where they would break a promise, all of them at once, with what to do', async () => {
    const prefix = newPrefix()
    const [few, forged, short] = ['access-events', 'verdicts', 'alerts'].map((topic) => prefix + topic) as [
      string,
      string,
      string,
    ]
    const stamped = { name: 'message.timestamp.type', value: 'LogAppendTime' }
    const large = { name: 'max.message.bytes', value: '40000000' }
    const kept = { name: 'retention.ms', value: '-1' }
    await admin.createTopics({
      waitForLeaders: false, // kafkajs gives up on a topic that the broker does not know of yet
      topics: [
        { topic: few, numPartitions: 3, configEntries: [stamped, large, kept] },
        { topic: forged, numPartitions: 6, configEntries: [large, kept] },
        { topic: short, numPartitions: 1, configEntries: [stamped, { name: 'retention.ms', value: `${day}` }] },
      ],
    })
    const known = (): Promise<unknown> =>
      admin.fetchTopicMetadata({ topics: [few, forged, short] }).catch(() => known())
    await known()
    const said = String(await open(prefix).catch((error: unknown) => error))
    expect(said).toContain(`${few} has 3 partitions instead of 6: make it anew, or set another CUSTODIA_KAFKA_PREFIX`)
    expect(said).toMatch(
      new RegExp(`${forged} has message.timestamp.type=CreateTime: run kafka-configs.sh --alter .* --add-config .*`),
    )
    expect(said).toContain(`--entity-name ${short} --add-config retention.ms=-1`)
    expect(said).toContain(`--entity-name ${short} --add-config max.message.bytes=33000000`)
    expect(said).not.toContain(`${prefix}accounts`)
    // whoever only looks sees the same, once the topics that were missing have their leaders
    const look = (): ReturnType<typeof inspectKafka> =>
      inspectKafka({ brokers: kafka.brokers, prefix }, 10_000).catch(() => look())
    const { wrong } = await look()
    const seen = wrong.filter((each) => [few, forged, short].some((name) => each.startsWith(`${name} has `)))
    expect(seen).toContain(`${few} has 3 partitions instead of 6`)
    expect(seen).toContain(`${forged} has message.timestamp.type=CreateTime instead of LogAppendTime`)
    expect(seen).toContain(`${short} has retention.ms=${day} instead of -1`)
    expect(seen.some((each) => each.startsWith(`${short} has max.message.bytes=`))).toBe(true)
  })

  it('may be kept for longer than was asked for, and not for a shorter time', async () => {
    const prefix = newPrefix()
    await (await open(prefix)).close() // for ever
    await (await open(prefix, { retentionDays: 40 })).close()
    const shorter = newPrefix()
    await (await open(shorter, { retentionDays: 40 })).close()
    await expect(open(shorter, { retentionDays: 90 })).rejects.toThrow(`${shorter}access-events has retention.ms=`)
  })
})
