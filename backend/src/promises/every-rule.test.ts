import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AlertRecord, type Alert } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { CaptureService } from '../capture/capture.service.js'
import { approved, newApproval } from '../approvals/testing/new-approval.js'
import { setCanary } from '../cli/canary.js'
import { PresenceService, silentAfterMs } from '../gateway/presence.service.js'
import { SilenceService } from '../ingest/silence.service.js'
import { accounts, gateways } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway, type TestPerson } from '../testing/gateway.js'
import { proofFor, provenOk } from '../testing/proof.js'
import { shippedRules } from '../testing/rules.js'
import { StaffTraits } from '../vault/relations/staff-traits.js'
import { aCustomer, anIdNumber } from '../vault/testing/requests.js'
import { freezeUsual } from './freeze-usual.js'
import { outsideTrips } from './outside-trips.js'

const shipped = readdirSync(shippedRules).flatMap((file) =>
  file.endsWith('.yml') && !file.endsWith('.cases.yml') ? [file.replace('.yml', '')] : [],
)
const source = 'crm'
const customersOfClerk = 30
const patienceMs = 120_000
const clickhouseTime = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ')

/** Every shipped rule is tripped once through the front doors: what it reads is what is written. */
describe('every shipped rule', () => {
  let gateway: TestGateway
  let admin: TestClient
  let person: TestPerson
  let clerk: TestClient
  const customers: string[] = []
  /** who has opened a customer a day for four weeks, and their customers */
  let habitual: TestPerson
  let habits: TestClient
  const theirs: string[] = []

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { TRUSTED_PROXIES: '127.0.0.1', CUSTODIA_SESSION_BINDING: 'device' } })
    admin = await gateway.signedIn('admin')
    person = await gateway.person('staff')
    habitual = await gateway.person('staff')
    clerk = gateway.stranger(person)
    await clerk.signIn(person)
    for (let n = 0; n < customersOfClerk; n++)
      customers.push((await clerk.ok('customerCreate', { body: aCustomer() })).id)
  })
  afterAll(() => gateway?.stop())

  const revealAll = async (): Promise<string> => {
    const over = { ...approved, most: customers.length }
    const approval_id = await newApproval(gateway.records, person.account.id, customers, over)
    const body = { fields: ['id_number' as const], purpose: 'identity_check', approval_id }
    for (const id of customers) await provenOk(gateway, clerk, 'customerReveal', { params: { id }, body })
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
    'session-on-another-network': () => searchFrom(...Array<string>(5).fill('8.8.8.8')),
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
        await provenOk(gateway, admin, 'accountUpdate', { params: { id: account.id }, body: { team: 'finance' } })
      }
      return admin.accountId
    },
    'unusual-volume-day': async () => {
      await freezeUsual(gateway.log, habitual)
      habits = gateway.stranger(habitual)
      await habits.signIn(habitual)
      for (let n = 0; n < 30; n++) theirs.push((await habits.ok('customerCreate', { body: aCustomer() })).id)
      for (const id of theirs) await habits.ok('customerView', { params: { id } })
      return habitual.account.id
    },
    'rare-export': async () => {
      const body = { purpose: 'identity_check' as const, customer_ids: theirs, fields: ['name' as const] }
      await habits.ok('customerExport', { headers: await proofFor(gateway, habits, 'customerExport', { body }), body })
      return habitual.account.id
    },
    'source-silent': async () => {
      const now = Date.now()
      const rows = [50, 40, 30, 20, 10].map((hours) => ({
        id: `archive:${hours}`, time: clickhouseTime(now - hours * 3_600_000), source: 'archive', action: 'list', outcome: 'granted',
        appended_at: clickhouseTime(now - hours * 3_600_000), raw: '{}',
      })) // prettier-ignore
      const lines = rows.map((row) => Buffer.from(JSON.stringify(row)))
      await gateway.audit.insert('access_events', lines, { token: 'archive' })
      await gateway.app.get(SilenceService).look(now + 11 * 3_600_000)
      return 'archive'
    },
    'gateway-silent': async () => {
      const seenAt = new Date(Date.now() - 2 * silentAfterMs)
      await gateway.records.db.insert(gateways).values({ name: 'lost:8080', seenAt })
      const presence = gateway.app.get(PresenceService)
      for (const later of [0.5, 1]) await presence.round(Date.now() + later * silentAfterMs)
      return 'lost:8080'
    },
    'risk-score': async () => {
      const [customer = ''] = theirs
      await setCanary(gateway.records, gateway.app.get(CaptureService), { customer, canary: true })
      for (let n = 0; n < 3; n++) await habits.ok('customerView', { params: { id: customer } })
      return habitual.account.id
    },
    'relative-record': async () => {
      const [customer = ''] = theirs
      const traits = { phones: ['+86 138-1234-5678'], addresses: ['上海市浦东新区世纪大道 100 号 2-301'] }
      await gateway.app.get(StaffTraits).put(gateway.records.db, habitual.account.id, traits)
      await habits.ok('customerUpdate', {
        params: { id: customer },
        body: { address: '上海市浦东新区世纪大道100号2-301' },
      })
      await habits.ok('customerUpdate', { params: { id: customer }, body: { tags: ['lives with a clerk'] } })
      return habitual.account.id
    },
    'colleagues-records': async () => {
      for (const id of theirs.slice(1, 7)) {
        const id_number = anIdNumber()
        const colleague = await gateway.person('staff')
        await gateway.app.get(StaffTraits).put(gateway.records.db, colleague.account.id, { id_number })
        await habits.ok('customerUpdate', { params: { id }, body: { id_number } })
        await habits.ok('customerView', { params: { id } })
      }
      return habitual.account.id
    },
    'self-granted-rights': async () => {
      const body = { branch: 'beijing' }
      await provenOk(gateway, admin, 'accountUpdate', { params: { id: admin.accountId }, body })
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

  it(
    'fires at what comes through the gateway and through ingest',
    async () => {
      const expected = new Map(Object.keys(outsideTrips).map((rule) => [rule, rule]))
      expected.set('credential-stuffing', source) // grouped by the source itself
      const made = await provenOk(gateway, admin, 'ingestTokenCreate', { body: { name: 'CRM', source } })
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
          alerts.some(
            (alert) => alert.rule === rule && Object.values(alert.group).some((value) => value.includes(whom)),
          )
        return [...expected].flatMap(([rule, whom]) => (fired(rule, whom) ? [] : [rule]))
      }
      const until = Date.now() + patienceMs
      while ((await silent()).length && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 200))
      expect(await silent()).toEqual([])

      // the page counts as detection did: the same risk, from the same reasons
      const analyst = await gateway.signedIn('analyst')
      await gateway.settled()
      const { risk, habits: usual, self } = await analyst.ok('personUsual', { params: { id: habitual.account.id } })
      const told = (await raised()).findLast(
        ({ rule, actor }) => rule === 'risk-score' && actor === habitual.account.id,
      )
      expect(Object.keys(risk.parts)).toEqual(expect.arrayContaining(Object.keys(told?.risk?.parts ?? { none: 0 })))
      expect(risk.score).toBeGreaterThan((told?.risk?.score ?? Infinity) * 0.9)
      expect(self).toMatchObject({ days: 20, weeks: 4 })
      expect(usual.find(({ habit }) => habit === 'views')).toMatchObject({ self: { usual: 1, spread: 1 } })
      expect(
        (await raised()).filter((alert) => alert.respond.some(({ do: what }) => what === 'freeze') && alert.may_freeze),
      ).toEqual([])
    },
    2 * patienceMs,
  )
})
