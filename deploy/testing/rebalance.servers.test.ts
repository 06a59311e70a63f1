import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { TestClient } from '../../backend/src/testing/client.js'
import { until } from '../../backend/src/testing/settled.js'
import { startKafka, type KafkaServer } from '../servers/kafka.mjs'
import { withCustomers, work, type Clerk } from './clerks.js'
import { startCluster, type Cluster } from './cluster.js'
import { compareWithLog } from './compare-with-log.js'
import { readKafka } from './read-kafka.js'
import { strictRules } from './strict-rules.js'

const prefix = 'rebalance.'
const clerkCount = 6
/** some work for everybody in each state of the group */
const aWhile = 4000

describe('streams workers that share the partitions of a Kafka', () => {
  let kafka: KafkaServer
  let cluster: Cluster
  const clerks: Clerk[] = []
  const heard: string[] = []

  beforeAll(async () => {
    kafka = await startKafka()
    cluster = await startCluster({
      brokers: kafka.brokers,
      prefix,
      streams: ['all'],
      rules: strictRules,
      env: { CUSTODIA_HOLD_TIMEOUT_MS: '1000' },
    })
    for (let nth = 0; nth < clerkCount; nth++)
      clerks.push(await withCustomers(await cluster.signedIn('staff', { nth, heard }), 5))
  })
  afterAll(async () => {
    await cluster?.stop()
    await kafka?.stop()
  })

  const read = (topic: string) => readKafka(kafka.brokers, prefix + topic)
  const viewOf = ({ client, customers }: Clerk) => {
    const params = { id: customers[0]?.photo ?? '' }
    return client.call('photoView', { params, query: { purpose: 'identity_check' } })
  }
  /** resolves with the seconds until every clerk, and so every partition, is answered again */
  const servedAgain = async (since: number): Promise<number> => {
    await Promise.all(clerks.map((clerk) => until(async () => [200, 403].includes((await viewOf(clerk)).status))))
    return (performance.now() - since) / 1000
  }

  it('change no alert as workers come, go, are killed, and are all away for a while', async () => {
    const traffic = work(clerks)
    await sleep(aWhile)
    const [first] = cluster.streams
    const second = await cluster.addStreams()
    await sleep(aWhile)
    const third = await cluster.addStreams()
    await sleep(aWhile)
    await first?.lose()
    const killedAt = performance.now()
    console.log(
      `a worker was killed: every partition is judged again after ${(await servedAgain(killedAt)).toFixed(1)} s`,
    )
    await sleep(aWhile)
    await second.stop()
    const stoppedAt = performance.now()
    console.log(
      `a worker was stopped: every partition is judged again after ${(await servedAgain(stoppedAt)).toFixed(1)} s`,
    )
    await third.lose()
    await sleep(2 * aWhile) // nobody judges; what needs no verdict is served, and piles up
    await Promise.all([cluster.addStreams(), cluster.addStreams(), cluster.addStreams()])
    await sleep(aWhile)
    await traffic.stop()
    console.log(await compareWithLog({ cluster, read, heard }))
    expect([...traffic.answers.keys()].sort()).toEqual([200, 403, 503])
  })

  it('are waited for by held accesses for a bounded time: 503 with Retry-After, and no byte of the photo', async () => {
    await Promise.all(cluster.streams.map((worker) => worker.lose()))
    const client = clerks[0]?.client as TestClient
    const answer = await viewOf(clerks[0] as Clerk)
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'verdict_missing', '1'])
    expect(answer.headers['content-type']).toMatch(/problem\+json/)
    const masked = await client.call('customerView', { params: { id: clerks[0]?.customers[0]?.id ?? '' } })
    expect(masked.status).toBe(200) // written down, and not held
    const worker = await cluster.addStreams()
    await until(async () => (await viewOf(clerks[0] as Clerk)).status === 200)
    await worker.stop()
  })
})
