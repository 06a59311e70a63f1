import { randomInt } from 'node:crypto'
import { request, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { LiveCursor } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { everyAnswer } from '../gateway/every-answer.js'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { openLive, type LiveConnection } from '../testing/live-socket.js'
import { provenOk } from '../testing/proof.js'
import { until } from '../testing/settled.js'

const origin = 'http://localhost:8080'

describe('the live page', () => {
  let gateway: TestGateway
  let port: number
  let analyst: TestClient
  let raised = 0

  beforeAll(async () => {
    gateway = await startTestGateway()
    port = await gateway.listen()
    analyst = await gateway.signedIn('analyst')
  })
  afterAll(() => gateway?.stop())

  const raise = async (many: number) => {
    for (let n = 0; n < many; n++) {
      const alert = anAlert({ id: `alert-${++raised}`, actor: undefined, respond: [{ do: 'alert' }] })
      const value = Buffer.from(JSON.stringify({ kind: 'raised', alert }))
      await gateway.log.append('alerts', { key: alert.id, value })
    }
  }
  const open = (who: TestClient, over: { origin?: string; cursor?: Partial<LiveCursor> } = { origin }) =>
    openLive(port, { cookie: who.cookieHeader(), ...over })
  /** Ours: at night and on Sundays there are others. */
  const idsHeard = ({ heard }: LiveConnection) =>
    heard.alert.flatMap(({ record }) =>
      record.kind === 'raised' && record.alert.id.startsWith('alert-') ? [record.alert.id] : [],
    )

  it.each(['analyst', 'auditor', 'admin'] as const)('is open to an %s with a second factor', async (role) => {
    const page = open(await gateway.signedIn(role))
    await until(() => page.heard.caught_up.length)
    page.socket.disconnect()
  })

  it.each(['staff', 'manager'] as const)('is closed to %s', async (role) => {
    const page = open(await gateway.signedIn(role))
    await page.ended
    expect(page.heard).toMatchObject({ begin: [], records: [], feed: [], caught_up: [], bye: [expect.anything()] })
  })

  it.each([
    ['version', '/socket.io/?EIO=4&transport=websocket', { 'sec-websocket-version': '12' }],
    ['key', '/socket.io/?EIO=4&transport=websocket', { 'sec-websocket-key': 'short' }],
    ['protocol', '/socket.io/?EIO=3&transport=websocket', {}],
    ['connection to go on with', '/socket.io/?EIO=4&transport=websocket&sid=made-up', {}],
    ['address', '/api/v1/live', {}],
    ['site', '/socket.io/?EIO=4&transport=websocket', { origin: 'https://evil.example' }],
    ['port of this host', '/socket.io/?EIO=4&transport=websocket', { origin: 'http://localhost:8081' }],
    ['page in a frame without an origin', '/socket.io/?EIO=4&transport=websocket', { origin: 'null' }],
    ['site that names no origin', '/socket.io/?EIO=4&transport=websocket', { 'sec-fetch-site': 'same-site' }],
  ])('refuses an upgrade with another %s with our headers, and opens no socket', async (_what, path, over) => {
    const cookie = (await gateway.signedIn('analyst')).cookieHeader()
    const key = { 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
    const asked = { connection: 'Upgrade', upgrade: 'websocket', host: 'localhost:8080', cookie, ...key, ...over }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ port, path, headers: asked }, resolve).once('error', reject)
      sent.once('upgrade', () => reject(new Error('it became a socket'))).end()
    })
    answer.resume()
    expect([400, 404]).toContain(answer.statusCode)
    expect(answer.headers).toMatchObject(everyAnswer(false))
  })

  it('is closed to strangers, to a first factor and to an ended session', async () => {
    const person = await gateway.person('analyst')
    const halfway = gateway.stranger(person)
    await halfway.ok('signInPassword', { body: { username: person.account.username, password: person.password } })
    const gone = await gateway.signedIn('analyst')
    const goneCookie = gone.cookieHeader()
    await gone.ok('signOut')
    const pages = [open(gateway.stranger()), open(halfway), openLive(port, { cookie: goneCookie, origin })]
    await Promise.all(pages.map((page) => page.ended))
    for (const { heard } of pages)
      expect([heard.alert, heard.account, heard.feed, heard.caught_up]).toEqual([[], [], [], []])
  })

  it('goes on from its cursor: nothing is lost and nothing told twice over many disconnects', async () => {
    const heard: { ids: string[]; offsets: number[] } = { ids: [], offsets: [] }
    let cursor: LiveCursor = await (async () => {
      const page = open(analyst)
      await until(() => page.heard.caught_up.length)
      page.socket.disconnect()
      return page.heard.caught_up[0]?.cursor as LiveCursor
    })()
    const first = raised
    const writing = (async () => {
      for (let n = 0; n < 40; n++) await raise(randomInt(1, 8))
    })()
    for (let n = 0; n < 8; n++) {
      const page = open(analyst, { origin, cursor })
      const enough = randomInt(1, 12)
      await Promise.race([until(() => page.heard.alert.length >= enough), writing])
      page.socket.disconnect()
      heard.ids.push(...idsHeard(page))
      heard.offsets.push(...page.heard.alert.map(({ offset }) => offset))
      cursor = { ...cursor, alerts: (heard.offsets.at(-1) ?? cursor.alerts - 1) + 1 }
    }
    await writing
    const last = open(analyst, { origin, cursor })
    await until(() => last.heard.caught_up.length)
    heard.ids.push(...idsHeard(last))
    heard.offsets.push(...last.heard.alert.map(({ offset }) => offset))
    last.socket.disconnect()
    expect(heard.ids).toEqual(Array.from({ length: raised - first }, (_, n) => `alert-${first + n + 1}`))
    expect(heard.offsets).toEqual([...new Set(heard.offsets)].sort((a, b) => a - b))
  })

  it('tells what people do: an acknowledgement, a freeze and a lift, in their order', async () => {
    const page = open(analyst)
    await until(() => page.heard.caught_up.length)
    const before = page.heard.account.length
    await raise(1)
    const id = `alert-${raised}`
    await until(async () => (await analyst.call('alert', { params: { id } })).status === 200)
    await analyst.ok('alertAcknowledge', { params: { id }, body: { version: 0 } })
    const clerk = (await gateway.person('staff')).account.id
    await analyst.ok('personFreeze', { params: { id: clerk }, body: { reason: 'a test', minutes: 5 } })
    await provenOk(gateway, analyst, 'personLift', { params: { id: clerk }, body: { reason: 'a test' } })
    // Of this alert: at night and on Sundays there are others.
    const told = () =>
      page.heard.alert
        .map(({ record }) => record)
        .filter(
          (record) =>
            (record.kind === 'raised' && record.alert.id === id) ||
            (record.kind === 'triage' && record.triage.alert_id === id),
        )
    await until(() => told().length >= 2 && page.heard.account.length >= before + 2)
    expect(told()).toMatchObject([
      { kind: 'raised', alert: { id } },
      { kind: 'triage', triage: { alert_id: id, state: 'acknowledged', by: analyst.accountId } },
    ])
    expect(page.heard.account.slice(before).map(({ record }) => record)).toMatchObject([
      { kind: 'frozen', freeze: { account: clerk } },
      { kind: 'lifted', freeze: { account: clerk, lift_reason: 'a test' } },
    ])
    page.socket.disconnect()
  })

  it('shows a sample of accesses, with ids and never with values', async () => {
    const page = open(analyst)
    await until(() => page.heard.caught_up.length)
    const clerk = await gateway.signedIn('staff')
    await until(async () => {
      await clerk.ok('customersSearch', { query: { q: '13912345678' } })
      return page.heard.feed.some(({ items }) => items.some((item) => item.action === 'search'))
    })
    expect(JSON.stringify(page.heard.feed)).not.toContain('13912345678')
    page.socket.disconnect()
  })

  it('takes a cursor that makes no sense for none', async () => {
    for (const cursor of [{ alerts: -5, accounts: 1.5 }, { alerts: 'x' }, { alerts: 1e15, accounts: 1e15 }]) {
      const page = open(analyst, { origin, cursor: cursor as never })
      await until(() => page.heard.caught_up.length)
      expect(page.heard.bye).toEqual([])
      page.socket.disconnect()
    }
  })
})
