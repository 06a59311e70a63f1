import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Rekeyed } from '@custodia/contracts'
import { readLog } from '@custodia/streams/integrity'
import type { TestClient } from '../testing/client.js'
import { FaultyLog } from '../testing/faulty-log.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { proven, provenOk } from '../testing/proof.js'
import { until } from '../testing/settled.js'

const ndjson = 'application/x-ndjson'
const now = () => new Date().toISOString()
const anEvent = (over: Record<string, unknown> = {}) => ({
  id: 'e-1',
  time: now(),
  actor: 'root',
  action: 'view',
  outcome: 'granted',
  ...over,
})

describe('what outside systems saw', () => {
  let gateway: TestGateway
  let admin: TestClient
  let stranger: TestClient
  let token: string
  let tokenId: string
  let faulty: FaultyLog
  const source = 'crm'

  beforeAll(async () => {
    gateway = await startTestGateway({ eventLog: (real) => (faulty = new FaultyLog(real)) })
    admin = await gateway.signedIn('admin')
    stranger = gateway.stranger()
    const made = await provenOk(gateway, admin, 'ingestTokenCreate', { body: { name: 'CRM', source } })
    token = made.token
    tokenId = made.id
  })
  afterAll(() => gateway?.stop())

  const send = (lines: unknown[], over: { token?: string; contentType?: string; bytes?: Buffer } = {}) =>
    stranger.call('ingestEvents', {
      headers: { authorization: `Bearer ${over.token ?? token}` },
      payload: {
        contentType: over.contentType ?? ndjson,
        bytes:
          over.bytes ??
          Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')),
      },
    })
  const rows = async (where: string) =>
    gateway.audit.query<{ id: string; actor: string; n: number }>(
      `select id, actor from access_events where source = {source:String} and ${where} order by id`,
      { source },
    )

  /** a tick has said that all of before is there: what comes now is late */
  const isReleased = async (id: string): Promise<boolean> => {
    let waits: { partition: number; since: string } | undefined
    for await (const { value, partition } of readLog(gateway.logDir, 'rekeyed')) {
      const record = JSON.parse(value.toString()) as Rekeyed
      if (record.kind === 'event' && record.event.id === id) waits = { partition, since: record.received_at }
      else if (record.kind === 'tick' && waits?.partition === partition && record.until > waits.since) return true
    }
    return false
  }

  it('is kept line by line: bad ones are told by number and code, good ones land', async () => {
    const { status, body } = await send([
      anEvent({ id: 'good-1' }),
      '{"id": "broken',
      '["no object"]',
      '',
      anEvent({ id: undefined }),
      anEvent({ id: 'no-time', time: 'yesterday' }),
      anEvent({ id: 'future', time: new Date(Date.now() + 10 * 60_000).toISOString() }),
      anEvent({ id: 'bad-action', action: 'fly' }),
      anEvent({ id: 'held', outcome: 'held' }),
      anEvent({ id: 'wrong-type', count: 'many' }),
      `{"id":"long","time":"${now()}","reason":"${'x'.repeat(70_000)}"}`,
      anEvent({ id: 'good-2', time: '2019-01-01T00:00:00Z' }), // the past is accepted
    ])
    expect([status, body.accepted, body.duplicates]).toEqual([200, 2, 0])
    expect(body.rejected.map(({ line, code }) => [line, code])).toEqual([
      [2, 'not_json'],
      [3, 'not_json'],
      [5, 'no_id'],
      [6, 'no_time'],
      [7, 'future_time'],
      [8, 'invalid_event'],
      [9, 'invalid_event'],
      [10, 'invalid_event'],
      [11, 'line_too_long'],
    ])
    for (const { reason } of body.rejected) expect(reason.length).toBeGreaterThan(10)
    await gateway.settled()
    expect(await rows(`id like 'crm:good-%'`)).toEqual([
      { id: 'crm:good-1', actor: 'crm:root' },
      { id: 'crm:good-2', actor: 'crm:root' },
    ])
  })

  it('counts once, within a request and over requests, also at the same time', async () => {
    const event = anEvent({ id: 'twice' })
    expect((await send([event, event])).body).toMatchObject({ accepted: 1, duplicates: 1, rejected: [] })
    expect((await send([event])).body).toMatchObject({ accepted: 0, duplicates: 1 })
    const many = Array.from({ length: 50 }, (_, n) => anEvent({ id: `race-${n}` }))
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => send(n % 2 ? many : [...many].reverse())))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    expect(answers.reduce((sum, { body }) => sum + body.accepted, 0)).toBe(50)
    await gateway.settled()
    expect(await rows(`(id like 'crm:race-%' or id = 'crm:twice')`)).toHaveLength(51)
  })

  it.each([
    ['loses the answer', 'at once', { accepted: 0, duplicates: 2 }],
    ['loses the answer', 'once it has landed', { accepted: 0, duplicates: 2 }],
    ['refuses', 'at once', { accepted: 2, duplicates: 0 }],
  ] as const)('is in the log once when the log %s and it is sent again %s', async (fault, when, expected) => {
    const ids = ['a', 'b'].map((letter) => `${letter} ${fault} ${when}`)
    const events = ids.map((id) => anEvent({ id, actor: id })) // of two actors: they need not share a partition
    faulty.fault = fault
    const failed = await send(events)
    faulty.fault = undefined
    expect([failed.status, failed.body.code]).toEqual([503, 'event_log_unavailable'])
    if (when === 'once it has landed') await gateway.settled()
    expect((await send(events)).body).toMatchObject(expected)
    expect((await send(events)).body).toMatchObject({ accepted: 0, duplicates: 2 })
    const written: string[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events'))
      written.push((JSON.parse(value.toString()) as { id: string }).id)
    expect(written.filter((id) => ids.some((own) => id === `crm:${own}`)).sort()).toEqual(ids.map((id) => `crm:${id}`))
  })

  it('belongs to its source: nobody speaks for the gateway or for one of its accounts', async () => {
    await send([anEvent({ id: 'forged', source: 'custodia', writer: 'w', seq: 0, prev: 'x', actor: admin.accountId })])
    await gateway.settled()
    const [row] = await gateway.audit.query<Record<string, unknown>>(
      `select source, actor, prev from access_events where id = 'crm:forged'`,
    )
    expect(row).toMatchObject({ source, actor: `crm:${admin.accountId}` })
    expect(row?.['prev']).not.toBe('x')
    const taken = await proven(gateway, admin, 'ingestTokenCreate', { body: { name: 'x', source: 'custodia' } })
    expect([taken.status, taken.body.code]).toEqual([400, 'invalid_input'])
  })

  it('is read through a mapping file', async () => {
    const mapping =
      'fields:\n  id: n\n  time: at\n  actor: who.name\n  action: {from: what, map: {open: view}, default: admin}\n  outcome: {value: granted}\n'
    const { token } = await provenOk(gateway, admin, 'ingestTokenCreate', {
      body: { name: 'mapped', source: 'mapped', mapping },
    })
    expect((await send([{ n: 7, at: now(), who: { name: 'li' }, what: 'open' }], { token })).body.accepted).toBe(1)
    await gateway.settled()
    expect(await gateway.audit.query(`select id, actor, action from access_events where source = 'mapped'`)).toEqual([
      { id: 'mapped:7', actor: 'mapped:li', action: 'view' },
    ])
    const broken = await proven(gateway, admin, 'ingestTokenCreate', {
      body: { name: 'b', source: 'bb', mapping: 'fields: [' },
    })
    expect([broken.status, broken.body.code]).toEqual([400, 'invalid_input'])
  })

  it('is refused without a token, with a wrong one and with a session instead', async () => {
    const body = Buffer.from(JSON.stringify(anEvent()))
    const payload = { contentType: ndjson, bytes: body }
    expect((await stranger.call('ingestEvents', { payload })).body.code).toBe('ingest_token_invalid')
    for (const authorization of ['Bearer', `Bearer ${'a'.repeat(43)}`, `Basic ${token}`]) {
      const answer = await stranger.call('ingestEvents', { headers: { authorization }, payload })
      expect([answer.status, answer.body.code]).toEqual([401, 'ingest_token_invalid'])
    }
    expect((await admin.call('ingestEvents', { payload })).status).toBe(401)
  })

  it('is refused as another content type, and too much of it at once', async () => {
    for (const contentType of ['application/json', 'text/plain', 'application/x-ndjsonx', 'multipart/form-data']) {
      const answer = await send([anEvent({ id: 'typed' })], { contentType })
      expect([contentType, answer.status, answer.body.code]).toEqual([contentType, 415, 'unsupported_media_type'])
    }
    const large = await send([], { bytes: Buffer.alloc(33 * 1024 * 1024, 'x\n') })
    expect([large.status, large.body.code]).toEqual([413, 'body_too_large'])
    const endless = await send([], { bytes: Buffer.alloc(3 * 1024 * 1024, 'x') })
    expect(endless.body).toMatchObject({ accepted: 0, rejected: [{ line: 1, code: 'line_too_long' }] })
  })

  it('raises alerts, and never freezes anybody here', async () => {
    const clerk = (await gateway.person('staff')).account
    // Guesses at one account's password from one address, in the name of somebody we know.
    const guesses = Array.from({ length: 30 }, (_, n) =>
      anEvent({
        id: `guess-${n}`,
        actor: clerk.id,
        action: 'sign_in',
        outcome: 'failed',
        ip: '203.0.113.9',
        factor: 'password',
      }),
    )
    // And what would freeze one of our own: far more photos than the limit.
    const photos = Array.from({ length: 80 }, (_, n) =>
      anEvent({ id: `photo-${n}`, actor: clerk.id, action: 'photo_view', customer_id: `c-${n}` }),
    )
    expect((await send([...guesses, ...photos])).body.accepted).toBe(110)
    const analyst = await gateway.signedIn('analyst')
    await until(async () => (await analyst.ok('alerts', { query: {} })).items.some((alert) => alert.source === source))
    await gateway.settled()
    const { items } = await analyst.ok('alerts', { query: {} })
    for (const alert of items.filter((one) => one.source === source)) expect(alert.may_freeze).toBe(false)
    const people = await analyst.ok('people', { query: { frozen: 'true' } })
    expect(people.items).toEqual([])
    const [{ n } = { n: -1 }] = await gateway.audit.query<{ n: number }>(
      `select count() as n from access_events where action = 'freeze'`,
    )
    expect(Number(n)).toBe(0)
  })

  it('is judged once where it came late, and a backtest finds it there', async () => {
    const rule = 'sign-in-failures-address'
    const ip = '198.51.100.77'
    const newest = Date.now() - 60_000
    const fail = (n: number, time: number) =>
      anEvent({ id: `late-${n}`, actor: `l-${n}`, action: 'sign_in', outcome: 'failed', ip, time: iso(time) })
    const iso = (ms: number): string => new Date(ms).toISOString()
    await send([fail(0, newest)])
    await until(() => isReleased('crm:late-0'))
    await send([1, 2, 3, 4].map((n) => fail(n, newest - n * 1000)))
    await send([5, 6, 7].map((n) => fail(n, newest - n * 3_600_000)))
    const analyst = await gateway.signedIn('analyst')
    const period = { from: iso(newest - 3_600_000), to: iso(Date.now() + 1000) }
    // nobody waits until it has landed: the backtest does
    const { by, examples, passed_over, unsettled } = await analyst.ok('ruleBacktest', { body: { rule, ...period } })
    const raised = async () => {
      const { items } = await analyst.ok('alerts', { query: {} })
      return items.filter((alert) => alert.rule === rule && alert.group['ip'] === ip)
    }
    const [alert] = await until(async () => ((await raised()).length ? raised() : undefined))
    expect(alert).toMatchObject({ time: iso(newest), value: 5, late: true, may_freeze: false })
    await gateway.settled()
    const marks = await gateway.audit.query(
      `select distinct after, judged_at, count() as n from late_events final where key = {key:String} group by after, judged_at`,
      { key: `ip=${ip}` },
    )
    expect(marks).toEqual([{ after: 'crm:late-0', judged_at: iso(newest), n: 7 }])
    const told = examples.filter(({ group }) => group['ip'] === ip)
    expect([by, told.map(({ id, time, value }) => [id, time, value])]).toEqual(['sql', [[alert?.id, iso(newest), 5]]])
    const { pipeline } = await analyst.ok('liveSummary')
    expect(pipeline.find(({ part }) => part === 'passed_over')?.detail).toContain(`${rule} 3`)
    expect({ passed_over, unsettled }).toEqual({ passed_over: 3, unsettled: undefined })
  })

  it('ends with its token', async () => {
    await admin.ok('ingestTokenRevoke', { params: { id: tokenId } })
    const { status, body } = await send([anEvent({ id: 'after' })])
    expect([status, body.code]).toEqual([401, 'ingest_token_invalid'])
    const again = await admin.call('ingestTokenRevoke', { params: { id: tokenId } })
    expect([again.status, again.body.code]).toEqual([404, 'not_found'])
    const { items } = await admin.ok('ingestTokens')
    expect(JSON.stringify(items)).not.toContain(token)
    expect(items.find((item) => item.id === tokenId)?.revoked_at).toBeDefined()
  })
})
