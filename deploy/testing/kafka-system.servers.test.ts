import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent } from '@custodia/contracts'
import type { TestClient } from '../../backend/src/testing/client.js'
import { newCustomer, type KeptCustomer } from '../../backend/src/testing/customers.js'
import { openLive } from '../../backend/src/testing/live-socket.js'
import { provenOk } from '../../backend/src/testing/proof.js'
import { shippedRule } from '../../backend/src/testing/rules.js'
import { settled, until } from '../../backend/src/testing/settled.js'
import { verifyWriterChains } from '../../streams/src/integrity/index.js'
import { startKafka, type KafkaServer } from '../servers/kafka.mjs'
import { startCluster, type Cluster } from './cluster.js'
import { readKafka } from './read-kafka.js'
import { ask, newDataDir, removeDataDir, startSystem } from './system.js'

const limit = 5
const purpose = 'identity_check'
const prefix = 'house.'

describe('the whole system on Kafka: two gateways, two streams', () => {
  let kafka: KafkaServer
  let cluster: Cluster
  let clerk: TestClient
  let analyst: TestClient
  let customers: KeptCustomer[]
  const heard: string[] = []

  beforeAll(async () => {
    kafka = await startKafka()
    cluster = await startCluster({
      brokers: kafka.brokers,
      prefix,
      gateways: 2,
      streams: ['all', 'all'],
      rules: shippedRule('bulk-photo-view', { limit, respond: '[alert, freeze: 1h]' }),
    })
    clerk = await cluster.signedIn('staff', { heard })
    analyst = await cluster.signedIn('analyst', { gateway: 1, heard })
    customers = []
    for (let n = 0; n < limit + 2; n++) customers.push(await newCustomer(clerk))
  })
  afterAll(async () => {
    await cluster?.stop()
    await kafka?.stop()
  })

  const viaOther = (client: TestClient): TestClient => client.through(cluster.carrier(1))
  const view = (client: TestClient, { photo }: KeptCustomer) =>
    client.call('photoView', { params: { id: photo }, query: { purpose } })
  const logged = async () => {
    const records = await readKafka(kafka.brokers, `${prefix}access-events`)
    return records.map((record) => ({ ...record, event: JSON.parse(record.value.toString()) as AccessEvent }))
  }

  it(`serves ${limit} photos over both gateways, refuses the next, freezes, and tells the desk`, async () => {
    const live = openLive(cluster.ports[1] ?? 0, { cookie: analyst.cookieHeader(), origin: 'http://localhost:8080' })
    await until(() => live.heard.caught_up.length > 0)
    for (const [n, customer] of customers.slice(0, limit).entries())
      expect(await view(n % 2 ? viaOther(clerk) : clerk, customer)).toMatchObject({
        status: 200,
        headers: { 'content-type': 'image/jpeg' },
      })
    const next = await view(clerk, customers[limit]!)
    expect([next.status, next.body.code, next.bytes.includes('JFIF')]).toEqual([403, 'limit_reached', false])
    const alert = await until(() =>
      live.heard.alert.find(({ record }) => record.kind === 'raised' && record.alert.rule === 'bulk-photo-view'),
    )
    await until(() => live.heard.account.length > 0)
    live.socket.disconnect()
    expect(alert.record).toMatchObject({ alert: { limit } })
    for (const client of [clerk, viaOther(clerk)])
      expect((await view(client, customers[0]!)).body.code).toBe('account_frozen')
  })

  it('writes what followed from a request with the trace that it came with, and the version of each schema', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const another = await cluster.signedIn('staff', { nth: 1, gateway: 1, heard })
    const own = await newCustomer(another)
    const headers = { traceparent }
    const answer = await another.call('photoView', { params: { id: own.photo }, query: { purpose }, headers })
    const traced = async (topic: string) =>
      (await readKafka(kafka.brokers, prefix + topic)).filter((record) => record.headers['traceparent'] === traceparent)
    const [event, ...others] = await traced('access-events')
    expect(others).toEqual([])
    expect(JSON.parse(String(event?.value))).toMatchObject({ id: answer.eventId })
    expect(event?.headers).toEqual({ traceparent, 'schema-version': '1' })
    const [verdict] = await traced('verdicts')
    expect(JSON.parse(String(verdict?.value))).toMatchObject({ event_id: answer.eventId })
  })

  it('lets the clerk go on once the desk lifts it, with windows that begin anew', async () => {
    const { items } = await analyst.ok('alerts', { query: {} })
    const { actor = '' } = items.find(({ rule }) => rule === 'bulk-photo-view') ?? {}
    // what a rule of high severity froze, two persons lift
    const lift = { params: { id: actor }, body: { reason: 'a test of the system' } }
    await provenOk(cluster, analyst, 'personLiftAsk', lift)
    const colleague = await cluster.signedIn('analyst', { nth: 1, gateway: 1, heard })
    await provenOk(cluster, colleague, 'personLift', lift)
    const again = await cluster.signedIn('staff', { gateway: 1, heard }) // the freeze had ended every session
    const answer = await view(again, customers[0]!)
    expect(answer.status).toBe(200)
  })

  it('has each event that an answer named once in Kafka and in ClickHouse, in whole chains', async () => {
    await settled(cluster.log, true)
    const records = await logged()
    const ids = records.map(({ event }) => event.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(heard.filter((id) => !ids.includes(id))).toEqual([])
    expect(heard.length).toBeGreaterThan(3 * limit)
    const rows = await cluster.audit.query<{ id: string }>('SELECT id FROM access_events')
    expect(rows.map(({ id }) => id).sort()).toEqual([...ids].sort())
    const { problems, writers } = await verifyWriterChains(records.map(({ value }) => value))
    expect(problems).toEqual([])
    const places = new Set(records.map(({ event, partition }) => `${event.writer} ${partition}`))
    expect(places.size).toBe(writers.size)
  })

  it('is what `custodia start` runs too where a Kafka is named: everything else of the machine, and no log of its own', async () => {
    const env = { CUSTODIA_KAFKA_BROKERS: kafka.brokers.join(), CUSTODIA_KAFKA_PREFIX: 'one-machine.' }
    const dataDir = newDataDir()
    const system = await startSystem({ dataDir, env })
    try {
      expect(system.setupCode).toMatch(/^(\w{4}-){3}\w{4}$/)
      await ask(`${system.origin}/api/v1/auth/password`, {}, { username: 'nobody', password: 'not the password' })
      const events = await until(async () => {
        const records = await readKafka(kafka.brokers, 'one-machine.access-events')
        return records.length > 0 && records.map(({ value }) => JSON.parse(value.toString()) as AccessEvent)
      })
      expect(events).toEqual([expect.objectContaining({ action: 'sign_in', outcome: 'failed' })])
      expect(existsSync(join(dataDir, 'log', 'log.mdb'))).toBe(false)
    } finally {
      expect(await system.stop()).toBe(0)
      removeDataDir(dataDir)
    }
  })
})
