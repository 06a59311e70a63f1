import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generateSync } from 'otplib'
import { TestClient } from '../../backend/src/testing/client.js'
import { newCustomer, type KeptCustomer } from '../../backend/src/testing/customers.js'
import { provenOk } from '../../backend/src/testing/proof.js'
import { putIntoForce } from '../../backend/src/testing/rule-in-force.js'
import { until } from '../../backend/src/testing/settled.js'
import { startKafka, type KafkaServer } from '../servers/kafka.mjs'
import { startCluster, type Cluster } from './cluster.js'

const inParallel = 64
const rounds = 100
const roundsPerLimit = 20
const roundsWithKills = 6
const largest = 20 // below every limit of the shipped rules
const purpose = 'identity_check'
const branch = 'exact-limit'
const password = 'correct horse battery staple'

/** Nobody but the engine can know the limit: it is drawn, and the rule is put into force, while everything runs. */
const ruleWith = (limit: number): string => `title: Many customers opened
name: drawn-base
logsource: { product: custodia, category: access }
detection:
  opened: { action: [photo_view, reveal], outcome: allowed }
  condition: opened
---
title: Too many customers opened
name: drawn
correlation:
  type: value_count
  rules: [drawn-base]
  group-by: [actor]
  timespan: 10m
  condition: { field: customer_id, gt: ${limit} }
level: medium
custodia:
  respond: [alert, freeze: 1h]
  hold: true
`

describe.each([
  { twin: 'the embedded log', brokers: false, gateways: 1, streams: ['all'] as const },
  { twin: 'Kafka', brokers: true, gateways: 2, streams: ['all', 'detection'] as const },
])(`${inParallel} accesses of one account at once on $twin`, ({ brokers, gateways, streams }) => {
  let kafka: KafkaServer | undefined
  let cluster: Cluster
  let admin: TestClient
  let analyst: TestClient
  let auditor: TestClient
  let customers: KeptCustomer[]
  let made = 0

  beforeAll(async () => {
    if (brokers) kafka = await startKafka()
    const freezes = { CUSTODIA_FREEZES_PER_RULE: '10000', CUSTODIA_FREEZES_SHARE: '100' }
    const limits = { CUSTODIA_RULE_ALERTS: '10000', CUSTODIA_RULE_FROZEN: '10000' }
    const env = { CUSTODIA_HOLD_TIMEOUT_MS: '10000', ...freezes, ...limits }
    cluster = await startCluster({ brokers: kafka?.brokers, gateways, streams: [...streams], env })
    admin = await cluster.signedIn('admin')
    analyst = await cluster.signedIn('analyst')
    auditor = await cluster.signedIn('auditor')
    const { client } = await newManager()
    customers = []
    for (let n = 0; n < inParallel; n++) customers.push(await newCustomer(client))
  }, 300_000)
  afterAll(async () => {
    await cluster?.stop()
    await kafka?.stop()
  })

  /** A new person of the branch that the customers belong to, signed in with a factor of their own. */
  const newManager = async (): Promise<{ id: string; client: TestClient }> => {
    const username = `manager-${++made}`
    const person = { username, display_name: username, role: 'manager' as const, team: 'service', branch }
    const { id, link } = await provenOk(cluster, admin, 'accountCreate', { body: person })
    const client = new TestClient(cluster.carrier(0), id)
    await client.ok('invitationAccept', { body: { token: link?.split('#')[1] ?? '', password } })
    const { secret } = await client.ok('totpBegin')
    await client.ok('totpConfirm', { body: { code: generateSync({ secret }) } })
    return { id, client }
  }
  const draw = async (): Promise<number> => {
    const limit = randomInt(1, largest)
    await putIntoForce(cluster, [analyst, admin], { file: 'drawn.yml', yaml: ruleWith(limit) })
    await until(async () => {
      const { rules, effective_from } = await auditor.ok('rules')
      return rules.find(({ name }) => name === 'drawn')?.limit === limit && Date.parse(effective_from) <= Date.now()
    })
    return limit
  }
  /** Asks for everything at once, over every gateway; 0 where no answer came. */
  const burst = (client: TestClient, round: number): Promise<number[]> =>
    Promise.all(
      customers.map(async ({ id, photo }, n) => {
        const via = n % gateways ? client.through(cluster.carrier(n % gateways)) : client
        const asked =
          round % 4
            ? via.call('customerReveal', { params: { id }, body: { fields: ['name'], purpose } })
            : via.call('photoView', { params: { id: photo }, query: { purpose } })
        return (await asked.catch(() => ({ status: 0 }))).status
      }),
    )
  const served = (statuses: number[]): number => statuses.filter((status) => status === 200).length

  it.each(Array.from({ length: rounds / roundsPerLimit }, (_, n) => n + 1))(
    `serves exactly N, ${roundsPerLimit} times (drawing %i)`,
    async () => {
      const limit = await draw()
      for (let round = 0; round < roundsPerLimit; round++) {
        const { client } = await newManager()
        const statuses = await burst(client, round)
        expect({ limit, served: served(statuses) }).toEqual({ limit, served: limit })
        expect(statuses.filter((status) => ![200, 403, 423].includes(status))).toEqual([])
      }
    },
    600_000,
  )

  it('serves never more than N while gateways and workers are killed', async () => {
    const limit = await draw()
    for (let round = 0; round < roundsWithKills; round++) {
      const { client } = await newManager()
      const victims = [...cluster.gateways.slice(-1), cluster.streams[round % cluster.streams.length]!]
      const victim = victims[round % victims.length]!
      const answers = burst(client, round)
      await new Promise((resolve) => setTimeout(resolve, randomInt(0, 60)))
      await victim.kill()
      expect(served(await answers)).toBeLessThanOrEqual(limit)
      await victim.started()
      expect(served(await burst(client, round).catch(() => []))).toBeLessThanOrEqual(limit)
    }
  }, 600_000)

  it('says of every account in the reports that no more than the limit was served', async () => {
    const rows = await until(async () => {
      const found = await cluster.audit.query<{ actor: string; served: number }>(
        `select actor, uniqExactIf(customer_id, final_outcome = 'allowed') as served from accesses
         where action in ('photo_view', 'reveal') group by actor`,
      )
      return found.length >= rounds ? found : undefined
    })
    for (const row of rows) expect(Number(row.served)).toBeLessThan(largest)
  })
})
