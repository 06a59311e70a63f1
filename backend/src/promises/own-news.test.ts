import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { newApproval } from '../approvals/testing/new-approval.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { openLive, type LiveConnection } from '../testing/live-socket.js'
import { proven } from '../testing/proof.js'
import { until } from '../testing/settled.js'

const origin = 'http://localhost:8080'

describe('whoever asked for an approval', () => {
  let gateway: TestGateway
  let port: number
  let clerk: TestClient
  let manager: TestClient
  let customer: string

  beforeAll(async () => {
    gateway = await startTestGateway()
    port = await gateway.listen()
    clerk = await gateway.signedIn('staff')
    manager = await gateway.signedIn('manager')
    customer = (await newCustomer(clerk)).id
  })
  afterAll(() => gateway?.stop())

  const open = (who: TestClient, over: object = {}): LiveConnection =>
    openLive(port, { cookie: who.cookieHeader(), origin, namespace: 'own', ...over })
  const told = async (who: TestClient): Promise<LiveConnection> => {
    const page = open(who)
    await until(() => page.heard.own.length)
    return page
  }
  const asked = (by = clerk) => newApproval(gateway.records, by.accountId, [customer])
  const decide = (id: string, decision: 'approve' | 'deny') =>
    proven(gateway, manager, 'approvalDecide', { params: { id }, body: { decision, reason: 'as discussed' } })

  it('is told at once what became of it, and nobody else is', async () => {
    const other = await gateway.signedIn('staff')
    const analyst = await gateway.signedIn('analyst')
    const [page, beside, own] = [await told(clerk), await told(other), await told(manager)]
    const desk = openLive(port, { cookie: analyst.cookieHeader(), origin })
    await until(() => desk.heard.caught_up.length)
    const [first, second] = [await asked(), await asked()]
    await decide(first, 'approve')
    await decide(second, 'deny')
    await manager.ok('approvalRevoke', { params: { id: first }, body: { reason: 'no longer needed' } })
    await until(() => page.heard.own.length === 4)
    expect(page.heard.own).toEqual([
      {},
      { approval: { id: first, step: 'approved' } },
      { approval: { id: second, step: 'denied' } },
      { approval: { id: first, step: 'revoked' } },
    ])
    const control = await asked(other)
    await decide(control, 'deny')
    await until(() => beside.heard.own.length > 1)
    expect(beside.heard.own).toEqual([{}, { approval: { id: control, step: 'denied' } }])
    expect(own.heard.own).toEqual([{}])
    expect([page, beside, own].flatMap(({ heard }) => [...heard.alert, ...heard.account, ...heard.feed])).toEqual([])
    expect(JSON.stringify(desk.heard.account)).not.toContain(first)
    for (const { socket } of [page, beside, own, desk]) socket.disconnect()
  })

  it('is not told what they did themself', async () => {
    const page = await told(clerk)
    const [mine, theirs] = [await asked(), await asked()]
    await clerk.ok('approvalRevoke', { params: { id: mine }, body: { reason: 'asked for the wrong one' } })
    await decide(theirs, 'deny')
    await until(() => page.heard.own.length > 1)
    expect(page.heard.own).toEqual([{}, { approval: { id: theirs, step: 'denied' } }])
    page.socket.disconnect()
  })

  it('needs a session of their own, from our pages, with the right to ask', async () => {
    const analyst = await gateway.signedIn('analyst')
    for (const page of [open(clerk, { cookie: '' }), open(analyst)]) {
      await page.ended
      expect([page.heard.own, page.heard.bye.map(({ code }) => code)]).toEqual([[], ['not_signed_in']])
    }
    const elsewhere = open(clerk, { origin: 'https://elsewhere.example' })
    await elsewhere.ended
    expect([elsewhere.socket.connected, elsewhere.heard.own, elsewhere.heard.bye]).toEqual([false, [], []])
  })

  it('hears nothing more from the moment the session ends', async () => {
    const leaving = await gateway.signedIn('staff')
    const page = await told(leaving)
    const id = await asked(leaving)
    await leaving.ok('signOut')
    await page.ended
    await decide(id, 'approve')
    expect(page.heard.bye).toMatchObject([{ code: 'not_signed_in' }])
    expect(page.heard.own).toEqual([{}])
  })
})
