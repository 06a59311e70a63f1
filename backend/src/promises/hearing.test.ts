import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { EventLog } from '@custodia/streams/event-log'
import sharp from 'sharp'
import type { TestClient } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import { FaultyLog } from '../testing/faulty-log.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { until } from '../testing/settled.js'
import { SlowReader } from '../testing/slow-reader.js'

/** The real log, whose `accounts` topic this gateway does not hear while `deaf`: records wait, as on a broken connection. */
class HardOfHearing extends FaultyLog {
  constructor(real: EventLog, ear: { deaf: boolean }) {
    super(real)
    this.tail = (options, onRecords) =>
      real.tail(options, async (records) => {
        if (options.topic === 'accounts') await until(() => !ear.deaf)
        await onRecords(records)
      })
  }
}

describe('a gateway that cannot hear of freezes', () => {
  const ear = { deaf: false }
  let gateway: TestGateway
  let clerk: TestClient
  let analyst: TestClient
  let customer: KeptCustomer

  beforeAll(async () => {
    gateway = await startTestGateway({
      env: { CUSTODIA_HEARING_TIMEOUT_MS: '1500' },
      eventLog: (real) => new HardOfHearing(real, ear),
    })
    clerk = await gateway.signedIn('staff')
    analyst = await gateway.signedIn('analyst')
    customer = await newCustomer(clerk)
  })
  afterAll(async () => {
    ear.deaf = false
    await gateway?.stop()
  })

  const view = () => clerk.call('customerView', { params: { id: customer.id } })
  const codeOf = async (): Promise<string | undefined> => (await view()).body.code

  it('goes on while there is nothing to hear', async () => {
    await new Promise((resolve) => setTimeout(resolve, 3000)) // twice the time after which it would stop
    expect((await view()).status).toBe(200)
  })

  it('shows nothing protected after a while, lets the desk work, and comes back by itself', async () => {
    ear.deaf = true
    const somebody = await gateway.person('staff')
    const body = { reason: 'a test', minutes: 5 }
    await analyst.ok('personFreeze', { params: { id: somebody.account.id }, body })
    await until(async () => (await codeOf()) === 'out_of_touch')
    const refused = await view()
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1'])
    expect((await clerk.call('me')).status).toBe(200)
    expect((await analyst.call('alerts')).status).toBe(200)
    const readiness = await gateway.app.inject({ url: '/readyz' })
    expect(readiness.statusCode).toBe(503)
    expect(readiness.json()).toMatchObject({ parts: expect.arrayContaining([{ part: 'in touch', ok: false }]) })
    ear.deaf = false
    await until(async () => (await view()).status === 200)
  })

  it('cuts what is on its way: it could not be told to stop later', async () => {
    const port = await gateway.listen()
    const side = 2200
    const noise = sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    const large = await newCustomer(clerk, { picture: await noise.png({ compressionLevel: 0 }).toBuffer() })
    const path = `/api/v1/photos/${large.photo}/download?purpose=contract`
    const running = await SlowReader.get(port, path, clerk.cookieHeader())
    expect(running.status).toBe(200)
    ear.deaf = true
    const somebody = await gateway.person('staff')
    await analyst.ok('personFreeze', { params: { id: somebody.account.id }, body: { reason: 'a test', minutes: 5 } })
    await until(async () => (await codeOf()) === 'out_of_touch')
    await running.rest() // resolves: the connection is over
    ear.deaf = false
    await until(async () => (await view()).status === 200)
  })
})
