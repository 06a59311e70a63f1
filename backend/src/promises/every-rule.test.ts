import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AlertRecord, type Alert } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { CaptureService } from '../capture/capture.service.js'
import { setCanary } from '../cli/canary.js'
import { accounts } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway, type TestPerson } from '../testing/gateway.js'
import { proofFor } from '../testing/proof.js'
import { shippedRules } from '../testing/rules.js'
import { aCustomer } from '../vault/testing/requests.js'
import { outsideTrips } from './outside-trips.js'

const shipped = readdirSync(shippedRules).flatMap((file) =>
  file.endsWith('.yml') && !file.endsWith('.cases.yml') ? [file.replace('.yml', '')] : [],
)
const source = 'crm'
const customersOfClerk = 30
const patienceMs = 120_000

/** Every shipped rule is tripped once through the front doors: what it reads is what is written. */
describe('every shipped rule', () => {
  let gateway: TestGateway
  let admin: TestClient
  let person: TestPerson
  let clerk: TestClient
  const customers: string[] = []

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { TRUSTED_PROXIES: '127.0.0.1', CUSTODIA_SESSION_BINDING: 'device' } })
    admin = await gateway.signedIn('admin')
    person = await gateway.person('staff')
    clerk = gateway.stranger(person)
    await clerk.signIn(person)
    for (let n = 0; n < customersOfClerk; n++)
      customers.push((await clerk.ok('customerCreate', { body: aCustomer() })).id)
  })
  afterAll(() => gateway?.stop())

  const revealAll = async (): Promise<string> => {
    for (const id of customers)
      await clerk.ok('customerReveal', { params: { id }, body: { fields: ['id_number'], purpose: 'identity_check' } })
    return person.account.id
  }
  const searchFrom = async (...addresses: string[]): Promise<string> => {
    for (const ip of addresses) await clerk.ok('customersSearch', { query: {}, headers: { 'x-forwarded-for': ip } })
    return person.account.id
  }
  const nobodyNew = async (): Promise<string> => person.account.id

  /** How each is tripped through the gateway; resolves with what the alert's group must name. In this order. */
  const trips: Record<string, () => Promise<string>> = {
    'new-device-then-bulk': revealAll,
    'reveal-id-numbers': nobodyNew, // by the same reveals
    'sequential-crawl': nobodyNew,
    'factor-change-then-bulk': async () => {
      await clerk.call('signOut')
      await clerk.signIn(person)
      await clerk.ok('totpBegin', { headers: await proofFor(gateway, clerk, 'totpBegin') })
      return revealAll()
    },
    'session-on-another-network': () => searchFrom('8.8.8.8'),
    'impossible-travel': () => searchFrom('8.8.8.8', '114.114.114.114'),
    'canary-record': async () => {
      const [customer = ''] = customers
      await setCanary(gateway.records, gateway.app.get(CaptureService), { customer, canary: true })
      await clerk.ok('customerView', { params: { id: customer } })
      return person.account.id
    },
    // The last of this clerk: the answer gives the browser another device id.
    'session-in-another-browser': async () => {
      const stolen = clerk
        .cookieHeader()
        .split('; ')
        .filter((cookie) => cookie.startsWith('__Host-custodia='))
      const { status } = await clerk.call('customersSearch', { query: {}, headers: { cookie: stolen.join() } })
      expect(status).toBe(401)
      return person.account.id
    },
    'dormant-account': async () => {
      const sleeper = await gateway.person('staff')
      const createdAt = new Date(Date.now() - 100 * 86_400_000)
      await gateway.records.db.update(accounts).set({ createdAt }).where(eq(accounts.id, sleeper.account.id))
      await gateway.stranger(sleeper).signIn(sleeper)
      return sleeper.account.id
    },
    'rights-changed-in-bulk': async () => {
      for (let n = 0; n < 10; n++) {
        const { account } = await gateway.person('staff')
        await admin.ok('accountUpdate', { params: { id: account.id }, body: { team: 'finance' } })
      }
      return admin.accountId
    },
    'self-granted-rights': async () => {
      await admin.ok('accountUpdate', { params: { id: admin.accountId }, body: { branch: 'beijing' } })
      return admin.accountId
    },
  }

  const raised = async (): Promise<Alert[]> => {
    const alerts: Alert[] = []
    for (const { partition, start, end } of await gateway.log.range('alerts'))
      for await (const { value } of gateway.log.read('alerts', partition, start, end)) {
        const record = AlertRecord.parse(JSON.parse(value.toString()))
        if (record.kind === 'raised') alerts.push(record.alert)
      }
    return alerts
  }

  it('has a trip', () => {
    expect([...Object.keys(trips), ...Object.keys(outsideTrips)].sort()).toEqual(shipped.sort())
  })

  it('fires at what comes through the gateway and through ingest', async () => {
    const expected = new Map(Object.keys(outsideTrips).map((rule) => [rule, rule]))
    expected.set('credential-stuffing', source) // grouped by the source itself
    const made = await admin.ok('ingestTokenCreate', { body: { name: 'CRM', source } })
    const lines = Object.values(outsideTrips).flat()
    const bytes = Buffer.from(lines.map((line, n) => JSON.stringify({ id: `line-${n}`, ...line })).join('\n'))
    const reply = await gateway.stranger().ok('ingestEvents', {
      headers: { authorization: `Bearer ${made.token}` },
      payload: { bytes, contentType: 'application/x-ndjson' },
    })
    expect(reply).toEqual({ accepted: lines.length, duplicates: 0, rejected: [] })
    for (const [rule, trip] of Object.entries(trips)) expected.set(rule, await trip())

    const silent = async (): Promise<string[]> => {
      const alerts = await raised()
      const fired = (rule: string, whom: string): boolean =>
        alerts.some((alert) => alert.rule === rule && Object.values(alert.group).some((value) => value.includes(whom)))
      return [...expected].flatMap(([rule, whom]) => (fired(rule, whom) ? [] : [rule]))
    }
    const until = Date.now() + patienceMs
    while ((await silent()).length && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await silent()).toEqual([])
    expect(
      (await raised()).filter((alert) => alert.respond.some(({ do: what }) => what === 'freeze') && alert.may_freeze),
    ).toEqual([])
  })
})
