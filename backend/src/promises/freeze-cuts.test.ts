import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import sharp from 'sharp'
import type { TestClient } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { openLive } from '../testing/live-socket.js'
import { provenOk } from '../testing/proof.js'
import { until } from '../testing/settled.js'
import { SlowReader } from '../testing/slow-reader.js'

const origin = 'http://localhost:8080'
/** Far more than the buffers of both ends of a connection take in: an answer is still running while nobody reads. */
const large = 14_000_000

describe('a freeze is now', () => {
  let gateway: TestGateway
  let port: number
  let analyst: TestClient
  let admin: TestClient
  let picture: Buffer

  beforeAll(async () => {
    gateway = await startTestGateway()
    port = await gateway.listen()
    analyst = await gateway.signedIn('analyst')
    admin = await gateway.signedIn('admin')
    const side = Math.ceil(Math.sqrt(large / 3))
    picture = await sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer()
  })
  afterAll(() => gateway?.stop())

  /** Resolves when the gateway has let go of a connection, although its other end has not read to the end. */
  const letGo = async (act: () => Promise<unknown>) => {
    const http = gateway.app.getHttpServer() as Server
    const connections = () =>
      new Promise<number>((resolve, reject) =>
        http.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      )
    const before = await connections()
    await act()
    await until(async () => (await connections()) < before)
  }
  const freeze = (id: string) => analyst.ok('personFreeze', { params: { id }, body: { reason: 'a test', minutes: 5 } })
  const revoke = (id: string) => admin.ok('accountRevoke', { params: { id } })

  describe.each([
    ['freeze', freeze, 423, 'account_frozen'],
    ['revocation', revoke, 401, 'not_signed_in'],
  ] as const)('a %s', (_name, end, status, code) => {
    let clerk: TestClient
    let customer: KeptCustomer
    beforeAll(async () => {
      clerk = await gateway.signedIn('staff')
      customer = await newCustomer(clerk, { picture })
    })

    it('cuts a download in the middle, and nothing begins after it', async () => {
      const path = `/api/v1/photos/${customer.photo}/download?purpose=contract`
      const whole = await SlowReader.get(port, path, clerk.cookieHeader())
      const length = Number(/content-length: (\d+)/i.exec(whole.headers)?.[1])
      expect(length).toBeGreaterThan(large)
      expect(await whole.rest()).toBe(length) // left alone, it is sent to its end

      const cut = await SlowReader.get(port, path, clerk.cookieHeader())
      expect(cut.status).toBe(200)
      await letGo(() => end(clerk.accountId))
      expect(await cut.rest()).toBeLessThan(length)
      const after = await clerk.call('customerView', { params: { id: customer.id } })
      expect([after.status, after.body.code]).toEqual([status, code])
    })

    it('says goodbye to the open page of that session, and to no other', async () => {
      const person = await gateway.person('analyst')
      const colleague = gateway.stranger(person)
      await colleague.signIn(person)
      const [page, other] = [colleague, analyst].map((who) =>
        openLive(port, { cookie: who.cookieHeader(), origin }),
      ) as [ReturnType<typeof openLive>, ReturnType<typeof openLive>]
      await until(() => page.heard.caught_up.length && other.heard.caught_up.length)
      const by = await gateway.signedIn('admin')
      if (end === revoke) await by.ok('accountRevoke', { params: { id: colleague.accountId } })
      else await by.ok('personFreeze', { params: { id: colleague.accountId }, body: { reason: 'a test', minutes: 5 } })
      await page.ended
      expect(page.heard.bye).toMatchObject([{ code }])
      expect(other.heard.bye).toEqual([])
      expect(other.socket.connected).toBe(true)
      other.socket.disconnect()
      const again = openLive(port, { cookie: colleague.cookieHeader(), origin })
      await again.ended
      expect(again.heard.bye).toHaveLength(1)
      expect([again.heard.alert, again.heard.account, again.heard.feed]).toEqual([[], [], []])
    })
  })

  describe('a report on its way out', () => {
    const events = 30_000
    beforeAll(async () => {
      const { token } = await provenOk(gateway, admin, 'ingestTokenCreate', { body: { name: 'bulk', source: 'bulk' } })
      const time = new Date(Date.now() - 60_000).toISOString()
      const reason = 'x'.repeat(480)
      const lines = Array.from({ length: events }, (_, id) =>
        JSON.stringify({ id, time, actor: 'a', action: 'view', outcome: 'granted', reason }),
      )
      const reply = await gateway.stranger().ok('ingestEvents', {
        headers: { authorization: `Bearer ${token}` },
        payload: { contentType: 'application/x-ndjson', bytes: Buffer.from(lines.join('\n')) },
      })
      expect(reply.accepted).toBe(events)
      await gateway.settled()
    })

    it('is cut as well', async () => {
      const from = new Date(Date.now() - 3_600_000).toISOString()
      const path = `/api/v1/reports/csv?kind=access&from=${from}&to=${new Date(Date.now() + 60_000).toISOString()}`
      const [calm, hurried] = [await gateway.signedIn('auditor'), await gateway.signedIn('auditor')]
      const whole = await SlowReader.get(port, path, calm.cookieHeader())
      const cut = await SlowReader.get(port, path, hurried.cookieHeader())
      expect([whole.status, cut.status]).toEqual([200, 200])
      await letGo(() => freeze(hurried.accountId))
      const sizes = await Promise.all([whole.rest(), cut.rest()])
      expect(sizes[0]).toBeGreaterThan(large)
      expect(sizes[1]).toBeLessThan(sizes[0])
    })
  })
})
