import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { anAlert } from '@custodia/contracts/testing'
import { and, eq, isNull } from 'drizzle-orm'
import { SoftwareAuthenticator } from '../identity/testing/authenticator.js'
import { accounts, alerts, consents, freezes, liftRequests, passkeys } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer } from '../testing/customers.js'
import { proofFor, proven, provenOk } from '../testing/proof.js'
import type { TestGateway } from '../testing/gateway.js'
import { codeOf } from '../testing/people.js'

const site = { origin: 'http://localhost:8080', rpId: 'localhost' }
const because = { reason: 'a test', minutes: 5 }

/** What two people can decide at the same moment, through the whole gateway on one PostgreSQL. */
export const racesContract = (start: () => Promise<TestGateway>) => {
  let gateway: TestGateway
  let analysts: TestClient[]
  beforeAll(async () => {
    gateway = await start()
    analysts = [await gateway.signedIn('analyst'), await gateway.signedIn('analyst')]
  })
  afterAll(() => gateway?.stop())

  /** Statuses of answers, sorted. */
  const together = async (works: Promise<{ status: number }>[]) =>
    (await Promise.all(works)).map(({ status }) => status).sort((a, b) => a - b)
  const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))
  const passkeyFor = async (client: TestClient, authenticator: SoftwareAuthenticator) => {
    const { challenge_id, options } = await client.ok('passkeyBegin', {
      headers: await proofFor(gateway, client, 'passkeyBegin'),
    })
    const response = authenticator.register({ challenge: String(options['challenge']), ...site })
    await client.ok('passkeyAdd', { body: { challenge_id, name: 'key', response } })
  }

  it('uses a TOTP code once', async () => {
    const person = await gateway.person('staff')
    const code = codeOf(person)
    const browsers = times(5, () => gateway.stranger(person))
    const { username } = person.account
    for (const browser of browsers)
      await browser.ok('signInPassword', { body: { username, password: person.password } })
    const statuses = await together(browsers.map((browser) => browser.call('signInTotp', { body: { code } })))
    expect(statuses).toEqual([200, 401, 401, 401, 401])
  })

  it('takes one of two answers of a passkey whose counter did not move', async () => {
    const clerk = await gateway.signedIn('staff')
    const authenticator = new SoftwareAuthenticator()
    await passkeyFor(clerk, authenticator)
    const cloned = await Promise.all(
      times(2, async () => {
        const browser = gateway.stranger()
        const { challenge_id, options } = await browser.ok('passkeyOptions')
        const response = authenticator.sign({ challenge: String(options['challenge']), ...site, counter: 1000 })
        return () => browser.call('signInPasskey', { body: { challenge_id, response } })
      }),
    )
    expect(await together(cloned.map((signIn) => signIn()))).toEqual([200, 401])
  })

  it('keeps the last second factor', async () => {
    const clerk = await gateway.signedIn('staff')
    for (let i = 0; i < 2; i++) await passkeyFor(clerk, new SoftwareAuthenticator())
    const { db } = gateway.records
    await db.update(accounts).set({ totpConfirmed: false }).where(eq(accounts.id, clerk.accountId))
    const mine = await db.select().from(passkeys).where(eq(passkeys.accountId, clerk.accountId))
    const removals = mine.map(async ({ id }) => {
      const params = { id }
      return { params, headers: await proofFor(gateway, clerk, 'passkeyRemove', { params }) }
    })
    const proven = await Promise.all(removals)
    expect(await together(proven.map((removal) => clerk.call('passkeyRemove', removal)))).toEqual([204, 409])
    expect(await db.select().from(passkeys).where(eq(passkeys.accountId, clerk.accountId))).toHaveLength(1)
  })

  it('keeps the last administrator, when two take each other’s rights or two are frozen', async () => {
    const admins = await Promise.all(times(2, () => gateway.signedIn('admin')))
    const [one, other] = admins as [TestClient, TestClient]
    const demotion = async (by: TestClient, whom: TestClient) => {
      const call = { params: { id: whom.accountId }, body: { role: 'auditor' as const } }
      return { ...call, headers: await proofFor(gateway, by, 'accountUpdate', call) }
    }
    const [mine, theirs] = [await demotion(one, other), await demotion(other, one)]
    const [won, lost] = await together([one.call('accountUpdate', mine), other.call('accountUpdate', theirs)])
    expect(won).toBe(200)
    expect([401, 409]).toContain(lost)

    await gateway.signedIn('admin')
    const { db } = gateway.records
    const left = await db.select().from(accounts).where(eq(accounts.role, 'admin'))
    const freezing = left.map(({ id }, i) => analysts[i]!.call('personFreeze', { params: { id }, body: because }))
    expect(await together(freezing)).toEqual([200, 409])
    expect(
      await db
        .select()
        .from(accounts)
        .where(and(eq(accounts.role, 'admin'), isNull(accounts.freezeId))),
    ).toHaveLength(1)
  })

  it('freezes and lifts by many hands, and the account says what its freezes say', async () => {
    const clerk = await gateway.person('staff')
    const params = { id: clerk.account.id }
    const hands = times(8, (i) =>
      i % 2
        ? proven(gateway, analysts[0]!, 'personLift', { params, body: { reason: 'a test' } })
        : analysts[1]!.call('personFreeze', { params, body: { ...because, minutes: 5 + i } }),
    )
    for (const status of await together(hands)) expect([200, 409]).toContain(status)
    const { db } = gateway.records
    const [account] = await db.select().from(accounts).where(eq(accounts.id, params.id))
    const open = await db
      .select()
      .from(freezes)
      .where(and(eq(freezes.accountId, params.id), isNull(freezes.liftedAt)))
    expect(open.some(({ id }) => id === account!.freezeId)).toBe(account!.freezeId !== null)
    expect(open.length > 0).toBe(account!.freezeId !== null)
  })

  it('lets an administrator and an analyst change one person at the same time', async () => {
    const { db } = gateway.records
    await db.update(accounts).set({ freezeId: null, frozenUntil: null }).where(eq(accounts.role, 'admin'))
    const [admin] = [await gateway.signedIn('admin')]
    const people = await Promise.all(times(6, () => gateway.person('staff')))
    const both = people.flatMap(({ account: { id } }, i) => [
      proven(gateway, admin, 'accountUpdate', { params: { id }, body: { team: `team ${i}` } }),
      analysts[0]!.call('personFreeze', { params: { id }, body: because }),
    ])
    expect(await together(both)).toEqual(times(12, () => 200))
  })

  it('takes five requests to lift a freeze and no more', async () => {
    const clerk = await gateway.signedIn('staff')
    await analysts[0]!.ok('personFreeze', { params: { id: clerk.accountId }, body: because })
    const { body } = await clerk.call('me')
    const ticket = String((body as unknown as { ticket: unknown }).ticket)
    const asked = times(9, (i) => gateway.stranger().call('liftRequest', { body: { ticket, message: `please ${i}` } }))
    expect((await together(asked)).filter((status) => status === 204)).toHaveLength(5)
    const { db } = gateway.records
    expect(await db.select().from(liftRequests).where(eq(liftRequests.accountId, clerk.accountId))).toHaveLength(5)
  })

  it('lets one of two acknowledge an alert, and one of two revoke a token', async () => {
    const alert = anAlert({ id: 'raced' })
    const { time, rule, severity } = alert
    await gateway.records.db
      .insert(alerts)
      .values({ id: alert.id, time: new Date(time), rule, severity, alert, logOffset: 0 })
    const call = { params: { id: alert.id }, body: { version: 0 } }
    expect(await together(analysts.map((analyst) => analyst.call('alertAcknowledge', call)))).toEqual([200, 409])

    const admin = await gateway.signedIn('admin')
    const { id } = await provenOk(gateway, admin, 'ingestTokenCreate', { body: { name: 'CRM', source: 'crm' } })
    const revoking = times(2, () => admin.call('ingestTokenRevoke', { params: { id } }))
    expect(await together(revoking)).toEqual([204, 404])
  })

  it('withdraws a consent once, however many ask', async () => {
    const clerk = await gateway.signedIn('staff')
    const { consent } = await newCustomer(clerk)
    const statuses = await together(times(4, () => clerk.call('consentWithdraw', { params: { id: consent } })))
    expect(statuses).toEqual([204, 204, 204, 204])
    const [row] = await gateway.records.db.select().from(consents).where(eq(consents.id, consent))
    expect(row?.withdrawnAt).toBeInstanceOf(Date)
  })
}
