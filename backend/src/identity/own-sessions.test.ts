import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { accounts, sessions } from '../record-store/schema.js'
import { eventOf, type Browser } from '../testing/browser.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { fresh } from '../testing/proof.js'
import { deviceCookie } from './device-cookie.js'
import { sessionCookie } from './credential.js'
import { TotpService } from './totp.service.js'

let rooms: Rooms
beforeAll(async () => {
  const limits = 'staff=60/720,admin=15/480'
  rooms = await startRooms([], undefined, { CUSTODIA_SESSION_LIMITS: limits, CUSTODIA_SESSION_CAP: '3' })
})
afterAll(() => rooms.stop())

/** Somebody, signed in at as many browsers. */
async function aPerson(browsers: number, role: 'staff' | 'admin' = 'staff', address?: string) {
  const { account } = await rooms.signedIn(role)
  const secret = await rooms.app.get(TotpService).install(account.id)
  const signIn = async (at: Browser): Promise<Browser> => {
    await rooms.records.db.update(accounts).set({ totpLastStep: 0 }).where(eq(accounts.id, account.id))
    await at.post('/auth/password', { username: account.username, password: testPassword })
    expect((await at.post('/auth/totp', { code: generateSync({ secret }) })).status).toBe(200)
    return at
  }
  await rooms.records.db.delete(sessions).where(eq(sessions.accountId, account.id))
  const at: Browser[] = []
  for (let n = 0; n < browsers; n++) at.push(await signIn(rooms.browser(address)))
  return { account, signIn, at, secret }
}
const itemsOf = async (browser: Browser | undefined) =>
  ((await browser?.get('/me/sessions'))?.body['items'] ?? []) as Record<string, unknown>[]

describe('one’s own sessions', () => {
  it('are listed with browser, place, and which one this is; secrets and addresses are not', async () => {
    const { at } = await aPerson(2, 'staff', '1.2.4.8')
    const items = await itemsOf(at[1])
    expect(items).toHaveLength(2)
    expect(items.filter(({ current }) => current)).toHaveLength(1)
    expect(items[0]).toMatchObject({ user_agent: 'test', network: '1.2.4.0/24', country: 'CN' })
    expect(JSON.stringify(items)).not.toMatch(/1\.2\.4\.8|token/)
  })

  it('end one by one, at once', async () => {
    const { at } = await aPerson(2)
    const [other] = (await itemsOf(at[0])).filter(({ current }) => !current)
    const path = `/me/sessions/${String(other?.['id'])}`
    expect((await at[0]?.delete(path))?.body['code']).toBe('step_up_required')
    expect((await at[1]?.get('/me'))?.status).toBe(200)
    const answer = await fresh(rooms, at[0] as Browser, 'DELETE', path)
    expect(answer.status).toBe(204)
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      action: 'sign_out',
      record_id: other?.['id'],
    })
    expect((await at[1]?.get('/me'))?.status).toBe(401)
    expect((await at[0]?.get('/me'))?.status).toBe(200)
  })

  it('end all but this one, and nobody else’s', async () => {
    const [mine, theirs] = [await aPerson(3), await aPerson(1)]
    const [stranger] = await itemsOf(theirs.at[0])
    const [here] = mine.at as [Browser]
    expect((await fresh(rooms, here, 'DELETE', `/me/sessions/${String(stranger?.['id'])}`)).status).toBe(404)
    expect((await fresh(rooms, here, 'POST', '/me/sessions/end-others')).body).toEqual({ ended: 2 })
    expect((await mine.at[1]?.get('/me'))?.status).toBe(401)
    expect((await theirs.at[0]?.get('/me'))?.status).toBe(200)
  })

  it('are as many as the cap allows: the oldest makes room', async () => {
    const { account, at, signIn } = await aPerson(3)
    await signIn(rooms.browser())
    expect((await at[0]?.get('/me'))?.status).toBe(401)
    expect((await at[1]?.get('/me'))?.status).toBe(200)
    const rows = await rooms.records.db.select().from(sessions).where(eq(sessions.accountId, account.id))
    expect(rows.filter(({ endReason }) => endReason === 'over_cap')).toHaveLength(1)
  })
})

describe('a session ends by itself', () => {
  const age = (accountId: string, change: Partial<typeof sessions.$inferInsert>) =>
    rooms.records.db.update(sessions).set(change).where(eq(sessions.accountId, accountId))
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000)

  it('after its role’s idle minutes', async () => {
    const [clerk, admin] = [await aPerson(1), await aPerson(1, 'admin')]
    for (const person of [clerk, admin]) await age(person.account.id, { lastSeenAt: ago(16) })
    expect((await clerk.at[0]?.get('/me'))?.status).toBe(200)
    expect((await admin.at[0]?.get('/me'))?.status).toBe(401)
  })

  it('after its role’s longest, however busy it is', async () => {
    const [clerk, admin] = [await aPerson(1), await aPerson(1, 'admin')]
    const [row] = await rooms.records.db.select().from(sessions).where(eq(sessions.accountId, admin.account.id))
    expect(Math.round(((row?.expiresAt.getTime() ?? 0) - Date.now()) / 60_000)).toBe(480)
    await age(clerk.account.id, { expiresAt: ago(0) })
    expect((await clerk.at[0]?.get('/me'))?.status).toBe(401)
  })
})

describe('a session’s cookie that turns up elsewhere', () => {
  it('without the browser’s own cookie is worth a password: a factor is asked for again', async () => {
    const { account, at, signIn, secret } = await aPerson(1)
    const thief = rooms.browser()
    thief.cookies.set(sessionCookie, at[0]?.cookies.get(sessionCookie) ?? '')
    const refused = await thief.get('/me/sessions')
    expect(refused).toMatchObject({ status: 401, body: { code: 'second_factor_required' } })
    expect(eventOf(await rooms.events(), refused)).toMatchObject({ outcome: 'refused', actor: account.id })
    expect((await thief.post('/me/totp')).body['code']).toBe('second_factor_required')
    expect((await at[0]?.get('/me/sessions'))?.status).toBe(200) // its owner goes on
    expect(signIn).toBeDefined()
    await rooms.records.db.update(accounts).set({ totpLastStep: 0 }).where(eq(accounts.id, account.id))
    expect((await thief.post('/auth/totp', { code: generateSync({ secret }) })).status).toBe(200)
    expect((await thief.get('/me/sessions')).status).toBe(200)
  })

  it('from another network, too; a new address within it goes on', async () => {
    const { at } = await aPerson(1, 'staff', '203.0.113.7')
    const carry = (address: string) => {
      const elsewhere = rooms.browser(address)
      for (const name of [sessionCookie, deviceCookie]) elsewhere.cookies.set(name, at[0]?.cookies.get(name) ?? '')
      return elsewhere
    }
    expect((await carry('203.0.113.200').get('/me/sessions')).status).toBe(200)
    expect((await carry('198.51.100.7').get('/me/sessions')).body['code']).toBe('second_factor_required')
  })
})

describe('a change of factors', () => {
  it('by password rotates this session and ends the others', async () => {
    const { account, at } = await aPerson(2)
    const before = at[0]?.cookies.get(sessionCookie) ?? ''
    const chosen = 'four quiet rivers meet'
    const change = (current: string) =>
      fresh(rooms, at[0] as Browser, 'POST', '/me/password', { current, password: chosen })
    expect((await change('not my password')).body['code']).toBe('bad_credentials')
    const answer = await change(testPassword)
    expect(answer).toMatchObject({ status: 200, body: { next: 'done' } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      action: 'factor_change',
      factor: 'password',
      reason: 'changed',
      subject: account.id,
    })
    expect((await at[0]?.get('/me'))?.body['level']).toBe('full')
    expect(at[0]?.cookies.get(sessionCookie)).not.toBe(before)
    expect((await at[1]?.get('/me'))?.status).toBe(401)
    const known = rooms.browser()
    expect((await known.post('/auth/password', { username: account.username, password: testPassword })).status).toBe(
      401,
    )
    expect((await known.post('/auth/password', { username: account.username, password: chosen })).status).toBe(200)
  })

  it('by a new authenticator app ends the others when it replaces one, and not as the first', async () => {
    const { account, at } = await aPerson(2)
    const [mine, other] = at as [Browser, Browser]
    const enrol = async () => {
      const begun = await fresh(rooms, mine, 'POST', '/me/totp')
      const code = generateSync({ secret: String(begun.body['secret']) })
      expect((await mine.post('/me/totp/confirm', { code })).body).toMatchObject({ next: 'done' })
      return [await mine.get('/me/sessions'), await other.get('/me/sessions')].map(({ status }) => status)
    }
    const set = (totpConfirmed: boolean) =>
      rooms.records.db.update(accounts).set({ totpConfirmed }).where(eq(accounts.id, account.id))
    await set(false)
    expect(await enrol()).toEqual([200, 200])
    expect(await enrol()).toEqual([200, 401])
  })

  it('never takes the last one away', async () => {
    const { at } = await aPerson(1)
    const answer = await fresh(rooms, at[0] as Browser, 'DELETE', '/me/totp')
    expect(answer).toMatchObject({ status: 409, body: { code: 'last_factor' } })
  })
})
