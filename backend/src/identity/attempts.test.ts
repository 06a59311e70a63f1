import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { authRoutes } from '@custodia/contracts'
import { and, eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { CaptureService } from '../capture/capture.service.js'
import { Access } from '../gateway/access.js'
import { accounts, attemptLocks, attempts } from '../record-store/schema.js'
import { eventOf, type Browser } from '../testing/browser.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { AttemptLocks } from './attempt-locks.js'
import { Attempts } from './attempts.service.js'
import type { GuessedFactor } from './attempt-rules.js'
import { TotpService } from './totp.service.js'

let rooms: Rooms
beforeAll(async () => (rooms = await startRooms()))
afterAll(() => rooms.stop())

const guess = (browser: Browser, username: string) =>
  browser.post('/auth/password', { username, password: 'a wrong guess, again' })
const signIn = (browser: Browser, username: string) =>
  browser.post('/auth/password', { username, password: testPassword })

/** From five networks, four guesses each: what locks an account. */
async function siege(username: string, net = 20): Promise<void> {
  for (let n = 0; n < 20; n++) await guess(rooms.browser(`10.${net}.${n % 5}.1`), username)
}
/** A request of a browser that nobody knows. */
const accessFrom = (ip: string) =>
  new Access(authRoutes.signInPassword, { ip, device: 'unknown', requestId: 'none' }, rooms.app.get(CaptureService))
const locks = () => rooms.records.db.select().from(attemptLocks)

describe('guesses', () => {
  it('are counted for every gateway, over restarts: in PostgreSQL, without names and addresses', async () => {
    const { account } = await rooms.signedIn('staff')
    await guess(rooms.browser('10.9.9.9'), account.username)
    const rows = await rooms.records.db.select().from(attempts)
    expect(rows.length).toBeGreaterThan(0)
    const text = JSON.stringify(rows.map((row) => ({ ...row, key: row.key.toString('latin1') })))
    expect(text).not.toContain(account.username)
    expect(text).not.toContain('10.9.9.9')
  })

  it('at the same moment get no more tries than one after the other', async () => {
    const { account } = await rooms.signedIn('staff')
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => guess(rooms.browser('10.8.8.8'), account.username)),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7)
  })

  it('of a stranger do not slow down the browser its owner uses, which waits for its own alone', async () => {
    const { account, browser } = await rooms.signedIn('staff')
    for (let n = 0; n < 7; n++) await guess(rooms.browser(), account.username)
    expect((await guess(rooms.browser(), account.username)).status).toBe(429)
    expect((await signIn(browser, account.username)).status).toBe(200)
    for (let n = 0; n < 5; n++) expect((await guess(browser, account.username)).status).toBe(401)
    expect((await signIn(browser, account.username)).status).toBe(429)
  })

  it('say in their event whether the account has signed in from that browser before', async () => {
    const { account, browser } = await rooms.signedIn('staff')
    await guess(browser, account.username)
    await guess(rooms.browser(), account.username)
    const failed = (await rooms.events()).filter(({ actor, outcome }) => actor === account.id && outcome === 'failed')
    expect(failed.map(({ new_device }) => new_device)).toEqual([false, undefined])
  })

  it('of a device cookie that was made up or taken from another account count as a stranger’s', async () => {
    const [victim, thief] = [await rooms.signedIn('staff'), await rooms.signedIn('staff')]
    for (let n = 0; n < 5; n++) await guess(rooms.browser(), victim.account.username)
    expect((await guess(thief.browser, victim.account.username)).status).toBe(429)
    const forged = rooms.browser()
    const cookie = victim.browser.cookies.get('__Host-custodia-device') ?? ''
    forged.cookies.set('__Host-custodia-device', `${cookie.split('.')[0]}.${'A'.repeat(43)}`)
    expect((await guess(forged, victim.account.username)).status).toBe(429)
  })

  it('of one factor say nothing about another, and a success clears its own only', async () => {
    const { account } = await rooms.signedIn('staff')
    const service = rooms.app.get(Attempts)
    const stranger = accessFrom('10.7.7.7')
    const of = (factor: GuessedFactor) => ({
      factor,
      access: stranger,
      name: account.username,
      accountId: account.id,
    })
    for (const factor of ['password', 'totp', 'recovery_code'] as const)
      for (let n = 0; n < 5; n++) await service.begin(of(factor))
    await service.begin(of('passkey'))
    await service.succeeded(of('passkey'))
    for (const factor of ['password', 'totp', 'recovery_code'] as const)
      await expect(service.begin(of(factor))).rejects.toMatchObject({ code: 'too_many_attempts' })
    await service.begin(of('passkey'))
  })
})

describe('an account tried from many networks', () => {
  it('is locked for strangers, not for its owner’s browser, with an event; and the end is one too', async () => {
    const { account, browser } = await rooms.signedIn('staff')
    await siege(account.username)
    const [lock, ...more] = (await locks()).filter(({ subject }) => subject === account.id)
    expect(more).toEqual([])
    expect(lock).toMatchObject({ factor: 'password' })
    const refused = await signIn(rooms.browser('10.30.1.1'), account.username)
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800)
    expect((await signIn(browser, account.username)).status).toBe(200)

    const about = async () =>
      (await rooms.events()).filter(({ action, subject }) => action === 'restrict' && subject === account.id)
    expect(await about()).toMatchObject([{ actor: 'system', factor: 'password', reason: 'tried_from_many_networks' }])
    await rooms.records.db
      .update(attemptLocks)
      .set({ until: new Date(Date.now() - 1) })
      .where(eq(attemptLocks.subject, account.id))
    await rooms.app.get(AttemptLocks).sweep()
    expect(await about()).toMatchObject([{}, { actor: 'system', factor: 'password', reason: 'time is up' }])
    expect((await locks()).filter(({ subject }) => subject === account.id)).toEqual([])
    expect((await signIn(rooms.browser('10.30.1.1'), account.username)).status).toBe(200)
  })

  it('stays locked when a passkey signs in, and for other factors was never locked', async () => {
    const { account } = await rooms.signedIn('staff')
    await siege(account.username, 21)
    const service = rooms.app.get(Attempts)
    const passkey = {
      factor: 'passkey',
      access: accessFrom('10.31.1.1'),
      name: account.username,
      accountId: account.id,
    } as const
    await service.begin(passkey)
    await service.succeeded(passkey)
    expect((await signIn(rooms.browser('10.31.1.1'), account.username)).status).toBe(429)
    const mine = and(eq(attemptLocks.subject, account.id))
    expect(await rooms.records.db.select().from(attemptLocks).where(mine)).toMatchObject([{ factor: 'password' }])
  })

  it('looks the same whether anybody has that name or not', async () => {
    const { account } = await rooms.signedIn('staff')
    const seen: unknown[][] = []
    for (const [net, username] of [
      [22, account.username],
      [23, 'nobody-has-this-name'],
    ] as const) {
      const answers: unknown[] = []
      for (let n = 0; n < 26; n++) {
        const { status, body, headers } = await guess(rooms.browser(`10.${net}.${n % 5}.1`), username)
        answers.push([status, body['code'], body['title'], Number(headers['retry-after'] ?? 0) > 800])
      }
      seen.push(answers)
    }
    expect(seen[1]).toEqual(seen[0])
    expect((await locks()).map(({ subject }) => subject)).toContainEqual(expect.stringMatching(/^hmac:[0-9a-f]{64}$/))
  })

  it('a wrong code after the right password is counted apart', async () => {
    const { account } = await rooms.signedIn('staff')
    const secret = await rooms.app.get(TotpService).install(account.id)
    await rooms.records.db.update(accounts).set({ totpLastStep: 0 }).where(eq(accounts.id, account.id))
    const thief = rooms.browser('10.40.1.1')
    await signIn(thief, account.username)
    for (let n = 0; n < 5; n++) expect((await thief.post('/auth/totp', { code: '000000' })).status).toBe(401)
    const late = await thief.post('/auth/totp', { code: generateSync({ secret }) })
    expect(late).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } })
    expect(eventOf(await rooms.events(), late)).toMatchObject({ outcome: 'failed', factor: 'totp', actor: account.id })
    expect((await signIn(rooms.browser('10.40.1.1'), account.username)).status).toBe(200)
  })
})
