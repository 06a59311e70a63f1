import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import { startKafka } from '../../../../deploy/servers/kafka.mjs'
import type { KafkaServer } from '../../../../deploy/servers/kafka.mjs'
import type { EventLog, Position } from '../event-log.js'
import { Seen } from '../testing/seen.js'
import { everything, rec, text } from '../testing/values.js'
import { openKafkaEventLog } from './kafka.js'

const topic = 'access-events'

describe('event log on three brokers, three copies of everything', () => {
  let kafka: KafkaServer
  let log: EventLog

  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3 })
    log = await openKafkaEventLog({ brokers: kafka.brokers, clientId: 'test', replication: 3, timeoutMs: 5000 })
  })
  afterAll(async () => {
    await log?.close()
    await kafka?.stop()
  })

  it('keeps three copies, and acknowledges what two of them have', async () => {
    const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['min.insync.replicas'] }]
    const { resources: described } = await admin.describeConfigs({ includeSynonyms: false, resources })
    await admin.disconnect()
    expect(topics[0]?.partitions.map(({ replicas }) => replicas.length)).toEqual([3, 3, 3, 3, 3, 3])
    expect(described[0]?.configEntries[0]?.configValue).toBe('2')
  })

  it('loses nothing it acknowledged and doubles nothing while each broker in turn is killed and comes back', async () => {
    const acknowledged = new Map<string, Position>()
    const doubtful = new Set<string>()
    let stopped = false
    const append = async (writer: number): Promise<void> => {
      for (let n = 0; !stopped; n++) {
        const value = `${writer}.${n}`
        await log.append(topic, rec(`key ${writer}`, value)).then(
          (position) => acknowledged.set(value, position),
          () => doubtful.add(value),
        )
      }
    }
    const seen = new Seen<string>()
    const consumer = log.consume(
      { group: 'landing', topic },
      {
        batch: async (partition, records) => {
          await partition.commit((records.at(-1)?.offset ?? 0) + 1)
          seen.add(...records.map(text))
        },
      },
    )
    await consumer.ready
    const writers = Promise.all(Array.from({ length: 12 }, (_, writer) => append(writer)))
    const goesOn = async (): Promise<void> => {
      const before = acknowledged.size
      while (acknowledged.size < before + 100) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    for (const node of [0, 1, 2]) {
      await goesOn()
      await kafka.kill(node)
      await goesOn() // two are enough
      await kafka.start(node)
      await insync()
    }
    stopped = true
    await writers
    const kept = await everything(log, topic)
    const places = new Map(kept.map((record) => [text(record), record]))
    expect(places.size).toBe(kept.length)
    for (const [value, { partition, offset }] of acknowledged)
      expect([value, places.get(value)?.partition, places.get(value)?.offset]).toEqual([value, partition, offset])
    expect([...places.keys()].filter((value) => !acknowledged.has(value) && !doubtful.has(value))).toEqual([])
    // the consumer has outlived the broker that coordinated its group
    await seen.until((all) => new Set(all).size === kept.length)
    await consumer.stop()
  }, 300_000)

  /** every copy has caught up: the next broker may go */
  async function insync(): Promise<void> {
    const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    for (;;) {
      const { topics } = await admin.fetchTopicMetadata()
      if (topics.every(({ partitions }) => partitions.every(({ isr }) => isr.length === 3))) break
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await admin.disconnect()
  }
})
