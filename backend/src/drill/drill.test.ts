import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent, Drill } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { aChannel, webhookSecret } from '../notices/testing/channel.js'
import { accounts, alerts, customers, drills, freezes } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { openLive } from '../testing/live-socket.js'
import { shippedRule } from '../testing/rules.js'
import { until } from '../testing/settled.js'
import { Stage } from './stage.js'

const limit = 7

describe('a drill', () => {
  let gateway: TestGateway
  let analyst: TestClient
  let receiver: Server
  const received: string[] = []
  let drill: Drill

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => received.push(chunk.toString()))
      request.on('end', () => response.end())
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    gateway = await startTestGateway({
      rules: shippedRule('bulk-photo-view', { limit, respond: '[alert, freeze: 1h]' }),
      env: { CUSTODIA_NOTICES_ALLOW: '127.0.0.1' },
    })
    analyst = await gateway.signedIn('analyst')
  })
  afterAll(async () => {
    await gateway?.stop()
    await new Promise((resolve) => receiver?.close(resolve))
  })

  const finished = () =>
    until(async () => (await analyst.ok('drills')).items.find(({ id, finished_at }) => id === drill.id && finished_at))
  const logged = async (): Promise<AccessEvent[]> => {
    const events: AccessEvent[] = []
    for (const { partition } of await gateway.log.range('access-events'))
      for await (const { value } of gateway.log.read('access-events', partition, 0))
        events.push(JSON.parse(Buffer.from(value).toString()) as AccessEvent)
    return events
  }

  it.each(['staff', 'manager', 'auditor'] as const)('is not for %s to start', async (role) => {
    const { status, body } = await (await gateway.signedIn(role)).call('drillStart')
    expect([status, body.code]).toEqual([403, 'not_allowed'])
  })

  it('plays an insider who gets what the rule lets pass, is refused, frozen and told of: with the times', async () => {
    const admin = await gateway.signedIn('admin')
    const { port } = receiver.address() as AddressInfo
    await admin.ok('noticeChannelCreate', {
      body: aChannel({ config: { kind: 'webhook', url: `http://127.0.0.1:${port}/`, secret: webhookSecret } }),
    })
    const page = openLive(await gateway.listen(), { cookie: analyst.cookieHeader(), origin: 'http://localhost:8080' })
    await until(() => page.heard.caught_up.length)
    drill = await analyst.ok('drillStart')
    expect(drill).toMatchObject({ state: 'asked', by: analyst.accountId })
    const second = await analyst.call('drillStart')
    expect([second.status, second.body.code]).toEqual([409, 'conflict'])

    drill = await finished()
    expect(drill).toMatchObject({ state: 'done', result: { served: limit, rule: 'bulk-photo-view', notices: 'sent' } })
    const { detect_ms, hold_ms, freeze_ms, notify_ms, refused } = drill.result!
    expect(refused).toBeGreaterThanOrEqual(2) // by the rule, and then because of the freeze
    for (const ms of [detect_ms, hold_ms, freeze_ms, notify_ms]) expect(ms).toBeGreaterThanOrEqual(0)

    await until(() => page.heard.account.some(({ record }) => record.kind === 'lifted'))
    const raised = page.heard.alert.flatMap(({ record }) => ('alert' in record ? [record.alert] : []))
    expect(raised.map(({ rule }) => rule)).toContain('bulk-photo-view')
    for (const alert of raised) expect(alert).toMatchObject({ drill: true })
    for (const { record } of page.heard.account)
      if ('freeze' in record) expect(record.freeze).toMatchObject({ drill: true })
    page.socket.disconnect()
    expect(received.join()).toContain('DRILL')
  })

  it('is marked in every event that it made, and in its alert, which is closed', async () => {
    await gateway.settled()
    const events = await logged()
    const ofDrill = events.filter((event) => event.drill)
    expect(new Set(ofDrill.map(({ action }) => action))).toEqual(
      new Set(['role_change', 'create', 'sign_in', 'photo_view', 'freeze', 'lift']),
    )
    const insider = ofDrill.find(({ action }) => action === 'photo_view')!.actor!
    expect(events.filter(({ actor, subject, drill }) => !drill && [actor, subject].includes(insider))).toEqual([])
    const shown = await analyst.ok('alert', { params: { id: drill.result!.alert_id! } })
    expect(shown).toMatchObject({ drill: true, triage: { state: 'closed', verdict: 'true', by: 'system' } })
    expect(shown.events.every((event) => event.drill)).toBe(true)
  })

  it('leaves nothing behind that it was played with', async () => {
    const { db } = gateway.records
    expect(await db.select().from(accounts).where(eq(accounts.drill, true))).toEqual([])
    expect(await db.select().from(customers)).toEqual([])
    expect(await db.select().from(freezes)).toEqual([])
  })

  it('is in no statistic: not in reports, not on the live page, not among what is open', async () => {
    const auditor = await gateway.signedIn('auditor')
    const from = new Date(Date.now() - 3_600_000).toISOString()
    const to = new Date(Date.now() + 60_000).toISOString()
    for (const kind of ['access', 'by_person', 'anomalies'] as const) {
      const report = JSON.stringify(await auditor.ok('report', { query: { kind, from, to } }))
      expect(report).not.toContain('photo_view')
      expect(report).not.toContain('bulk-photo-view')
    }
    const summary = await analyst.ok('liveSummary')
    expect(summary.top_readers).toEqual([])
    expect(summary.per_minute.filter(({ action }) => action === 'photo_view')).toEqual([])
    expect(summary.refused.map(({ key }) => key)).not.toContain('bulk-photo-view')
    expect(Object.values(summary.open_alerts)).toEqual([])
    for (const alert of await gateway.records.db.select().from(alerts)) expect(alert).toMatchObject({ drill: true })
  })

  it('never comes near a real customer', async () => {
    const clerk = await gateway.signedIn('staff')
    const real = await newCustomer(clerk)
    drill = await analyst.ok('drillStart')
    await finished()
    await gateway.settled()
    const branches = new Set((await logged()).filter((e) => e.drill && e.branch).map(({ branch }) => branch))
    expect([...branches].every((branch) => branch?.startsWith('drill-'))).toBe(true)
    expect((await logged()).filter((event) => event.drill && event.customer_id === real.id)).toEqual([])
    expect((await clerk.call('customerView', { params: { id: real.id } })).status).toBe(200)
  })

  it('that a killed gateway left in the middle is ended as failed, and what was made for it goes', async () => {
    const stage = gateway.app.get(Stage)
    const account = uuidv7()
    await stage.account(account)
    await stage.customers(account, 0, 2)
    const { db } = gateway.records
    const [row] = await db
      .insert(drills)
      .values({ id: uuidv7(), by: 'system', state: 'running', aliveAt: new Date(0), accountId: account })
      .returning()
    drill = { ...drill, id: row!.id }
    expect(await finished()).toMatchObject({ state: 'failed', problem: expect.stringContaining('ended in the middle') })
    expect(await db.select().from(accounts).where(eq(accounts.id, account))).toEqual([])
    expect(await db.select().from(customers).where(eq(customers.owner, account))).toEqual([])
  })
})
