import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { startKafka, type KafkaServer } from '../servers/kafka.mjs'
import { startCluster, type Cluster } from './cluster.js'
import { killAndCompare, kills } from './kill-story.js'
import { readKafka } from './read-kafka.js'
import { strictRules } from './strict-rules.js'

const prefix = 'kills.'
const brokerKills = Math.ceil(kills / 10)
/** how long the machine of the broker takes to come back */
const awayMs = 2000

describe('two gateways, landing and detection on Kafka', () => {
  let kafka: KafkaServer
  let cluster: Cluster

  beforeAll(async () => {
    kafka = await startKafka()
    cluster = await startCluster({
      brokers: kafka.brokers,
      prefix,
      gateways: 2,
      streams: ['landing', 'detection'],
      rules: strictRules,
      env: { CUSTODIA_HOLD_TIMEOUT_MS: '1000' },
    })
  })
  afterAll(async () => {
    await cluster?.stop()
    await kafka?.stop()
  })

  it('lose nothing, double nothing and decide the same, however often they and the broker are killed', async () => {
    const parts = [...cluster.gateways, ...cluster.streams].map((part) => ({
      name: part.name,
      times: kills,
      kill: () => part.kill(),
    }))
    const broker = {
      name: 'broker',
      times: brokerKills,
      kill: async () => {
        await kafka.kill()
        await sleep(awayMs)
        await kafka.start()
      },
    }
    await killAndCompare({
      cluster,
      targets: [...parts, broker],
      read: (topic) => readKafka(kafka.brokers, prefix + topic),
    })
  })
})
