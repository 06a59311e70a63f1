import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from './gateway.js'

describe('gateway', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startTestGateway()
  })
  afterAll(() => gateway?.stop())
  it('lets staff in and shows masked customers', async () => {
    const clerk = await gateway.signedIn('staff')
    const me = await clerk.call('me')
    expect(me.status).toBe(200)
    const list = await clerk.call('customersSearch', { query: {} })
    expect(list.status).toBe(200)
    expect(list.eventId).toBeDefined()
    await gateway.settled()
    const rows = await gateway.audit.query<{ id: string; action: string }>('select id, action from access_events')
    expect(rows.map((r) => r.id)).toContain(list.eventId)
  })
})
