import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { v7 as uuidv7 } from 'uuid'
import { accounts, freezes, liftRequests, outbox, sessions } from '../record-store/schema.js'
import { eventOf, type Browser } from '../testing/browser.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { newAccount } from './account.js'
import { FrozenService } from './frozen.service.js'
import { Passwords } from './passwords.js'
import { sessionCookie } from './credential.js'
import { fresh } from '../testing/proof.js'
import { TotpService } from './totp.service.js'

const password = 'correct horse battery'
const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds

let rooms: Rooms
beforeAll(async () => (rooms = await startRooms()))
afterAll(() => rooms.stop())

/** A clerk in the database; with a TOTP secret when asked for. */
async function aClerk({ totp = true } = {}) {
  const passwordHash = await rooms.app.get(Passwords).hash(password)
  const clerk = newAccount({ username: `clerk-${uuidv7()}`, displayName: 'Clerk', role: 'staff', passwordHash })
  await rooms.records.db.insert(accounts).values(clerk)
  const secret = totp ? await rooms.app.get(TotpService).install(clerk.id) : ''
  return { ...clerk, secret }
}

const firstFactor = (browser: Browser, username: string) => browser.post('/auth/password', { username, password })

async function freeze(accountId: string) {
  const until = new Date(Date.now() + 3_600_000)
  const id = uuidv7()
  await rooms.records.db
    .insert(freezes)
    .values({ id, accountId, reason: 'bulk view', rule: 'bulk-photo-view', by: 'system', until })
  await rooms.records.db.update(accounts).set({ freezeId: id, frozenUntil: until }).where(eq(accounts.id, accountId))
  return id
}

describe('password', () => {
  it('opens a session of the first factor, which opens nothing but the second', async () => {
    const clerk = await aClerk()
    const browser = rooms.browser()
    const answer = await firstFactor(browser, clerk.username.toUpperCase())
    expect(answer).toMatchObject({ status: 200, body: { next: 'second_factor', factors: ['totp'] } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      action: 'sign_in',
      outcome: 'granted',
      reason: 'first_factor',
      factor: 'password',
      actor: clerk.id,
    })
    expect((await browser.get('/me')).body).toMatchObject({ id: clerk.id, level: 'first_factor' })
    expect(await browser.delete('/me/passkeys/x')).toMatchObject({
      status: 401,
      body: { code: 'second_factor_required' },
    })
  })

  it('is compared as it was typed: no space and no capital less', async () => {
    const exact = ' Four quiet  Rivers '
    const clerk = await aClerk()
    const passwordHash = await rooms.app.get(Passwords).hash(exact)
    await rooms.records.db.update(accounts).set({ passwordHash }).where(eq(accounts.id, clerk.id))
    const typed = [
      exact.trim(),
      exact.trimStart(),
      exact.trimEnd(),
      exact.toLowerCase(),
      exact.replace('  ', ' '),
      exact,
    ]
    const answers: number[] = []
    for (const [n, each] of typed.entries()) {
      const at = rooms.browser(`203.0.113.${n + 1}`) // guesses from one address would have to wait
      answers.push((await at.post('/auth/password', { username: clerk.username, password: each })).status)
    }
    expect(answers).toEqual([401, 401, 401, 401, 401, 200])
  })

  it('is taken at two hundred characters, of which each counts', async () => {
    const { account, browser } = await rooms.signedIn('staff')
    const chosen = 'four quiet rivers meet '.repeat(9).slice(0, 200)
    const changed = await fresh(rooms, browser, 'POST', '/me/password', { current: testPassword, password: chosen })
    expect(changed.status).toBe(200)
    const signIn = async (typed: string) =>
      (await rooms.browser().post('/auth/password', { username: account.username, password: typed })).status
    expect([await signIn(`${chosen.slice(0, -1)}x`), await signIn(chosen)]).toEqual([401, 200])
  })

  it('does not grow old', async () => {
    const clerk = await aClerk()
    const createdAt = new Date(Date.now() - 5 * 365 * 86_400_000)
    await rooms.records.db.update(accounts).set({ createdAt }).where(eq(accounts.id, clerk.id))
    const answer = await firstFactor(rooms.browser(), clerk.username)
    expect(answer).toMatchObject({ status: 200, body: { next: 'second_factor' } })
  })

  it('sets a cookie that scripts, other sites and plain connections do not get', async () => {
    const { username } = await aClerk()
    const { headers } = await firstFactor(rooms.browser(), username)
    const cookie = [headers['set-cookie']].flat().find((line) => String(line).startsWith(`${sessionCookie}=`))
    expect(cookie).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  })

  it('opens a session that is a random secret of 256 bits, of which no table holds more than a hash', async () => {
    const { id, username } = await aClerk()
    const secrets: string[] = []
    for (let n = 0; n < 16; n++) {
      const browser = rooms.browser()
      await firstFactor(browser, username)
      secrets.push(browser.cookies.get(sessionCookie) ?? '')
    }
    for (let at = 0; at < 43; at++) expect(new Set(secrets.map((secret) => secret[at])).size).toBeGreaterThan(1)
    expect(secrets.map((secret) => Buffer.from(secret, 'base64url').length)).toEqual(secrets.map(() => 32))
    const rows = await rooms.records.db.select().from(sessions).where(eq(sessions.accountId, id))
    const kept = rows.map(({ tokenHash }) => tokenHash.toString('hex'))
    const hashed = secrets.map((secret) => createHash('sha256').update(secret).digest('hex'))
    expect(kept.sort()).toEqual(hashed.sort())
  })

  it('answers a wrong password and an unknown name alike, and never writes the name down', async () => {
    const { id, username } = await aClerk()
    const wrong = await rooms.browser().post('/auth/password', { username, password: 'not it, not it' })
    const unknown = await rooms.browser().post('/auth/password', { username: 'my-secret-typed-here', password })
    expect(wrong.status).toBe(401)
    const comparable = ({ status, body }: typeof wrong) => ({ status, body: { ...body, request_id: '' } })
    expect(comparable(unknown)).toEqual(comparable(wrong))
    const events = await rooms.events()
    expect(eventOf(events, wrong)).toMatchObject({ outcome: 'failed', reason: 'bad_credentials', actor: id })
    expect(eventOf(events, unknown)?.actor).toMatch(/^hmac:[0-9a-f]{64}$/)
    expect(JSON.stringify(events)).not.toContain('my-secret-typed-here')
  })

  it('makes a guesser wait, and not the owner at another address', async () => {
    const { username } = await aClerk()
    const guesser = rooms.browser('10.1.1.1')
    for (let i = 0; i < 5; i++) await guesser.post('/auth/password', { username, password: 'a wrong guess' })
    const sixth = await firstFactor(guesser, username)
    expect(sixth).toMatchObject({ status: 429, body: { code: 'too_many_attempts' }, headers: { 'retry-after': '1' } })
    expect(eventOf(await rooms.events(), sixth)).toMatchObject({ outcome: 'failed', reason: 'too_many_attempts' })
    expect((await firstFactor(rooms.browser('10.1.1.2'), username)).status).toBe(200)
  })

  it('refuses a disabled account only to whoever knows its password', async () => {
    const { id, username } = await aClerk()
    await rooms.records.db.update(accounts).set({ status: 'disabled' }).where(eq(accounts.id, id))
    const guess = await rooms.browser().post('/auth/password', { username, password: 'a wrong guess' })
    expect(guess.body['code']).toBe('bad_credentials')
    expect(await firstFactor(rooms.browser(), username)).toMatchObject({
      status: 403,
      body: { code: 'account_disabled' },
    })
  })
})

describe('TOTP', () => {
  it('completes a sign-in and rotates the session', async () => {
    const clerk = await aClerk()
    const browser = rooms.browser()
    await firstFactor(browser, clerk.username)
    const before = browser.cookies.get(sessionCookie)
    const answer = await browser.post('/auth/totp', { code: generateSync({ secret: clerk.secret }) })
    expect(answer).toMatchObject({ status: 200, body: { next: 'done' } })
    const event = eventOf(await rooms.events(), answer)
    expect(event).toMatchObject({ outcome: 'granted', factor: 'totp', new_device: true })
    expect(event).not.toHaveProperty('reason')
    expect((await browser.get('/me')).body['level']).toBe('full')
    browser.cookies.set(sessionCookie, before ?? '')
    expect((await browser.get('/me')).status).toBe(401)
  })

  it('takes a code once, whoever comes second', async () => {
    const clerk = await aClerk()
    const code = generateSync({ secret: clerk.secret })
    const browsers = [rooms.browser(), rooms.browser(), rooms.browser()]
    for (const browser of browsers) await firstFactor(browser, clerk.username)
    const answers = await Promise.all(browsers.map((browser) => browser.post('/auth/totp', { code })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401])
  })

  it('takes the code before this one, but none older, and none before the last one used', async () => {
    const clerk = await aClerk()
    const attempt = async (age: number) => {
      const browser = rooms.browser()
      await firstFactor(browser, clerk.username)
      return (
        await browser.post('/auth/totp', { code: generateSync({ secret: clerk.secret, epoch: secondsAgo(age) }) })
      ).status
    }
    expect(await attempt(120)).toBe(401)
    expect(await attempt(0)).toBe(200)
    expect(await attempt(30)).toBe(401)
  })

  it('stores the secret sealed, bound to its account', async () => {
    const [a, b] = [await aClerk(), await aClerk()]
    const [row] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, a.id))
    expect(row?.totpSecret?.includes(Buffer.from(a.secret))).toBe(false)
    await rooms.records.db.update(accounts).set({ totpSecret: row?.totpSecret }).where(eq(accounts.id, b.id))
    const browser = rooms.browser()
    await firstFactor(browser, b.username)
    expect((await browser.post('/auth/totp', { code: generateSync({ secret: a.secret }) })).status).toBe(500)
  })
})

describe('enrolment', () => {
  const enrol = async (browser: Browser) => {
    const begun = await browser.post('/me/totp')
    const secret = String(begun.body['secret'])
    return { begun, secret, confirmed: await browser.post('/me/totp/confirm', { code: generateSync({ secret }) }) }
  }

  it('of a first factor makes the session full', async () => {
    const clerk = await aClerk({ totp: false })
    const browser = rooms.browser()
    expect((await firstFactor(browser, clerk.username)).body).toEqual({ next: 'enrol', factors: [] })
    const { begun, confirmed } = await enrol(browser)
    expect(begun.body['uri']).toMatch(/^otpauth:\/\/totp\/Custodia:/)
    expect(confirmed).toMatchObject({ status: 200, body: { next: 'done', factors: ['totp', 'recovery_code'] } })
    expect(eventOf(await rooms.events(), confirmed)).toMatchObject({
      action: 'factor_change',
      subject: clerk.id,
      factor: 'totp',
    })
    expect((await browser.get('/me')).body['level']).toBe('full')
  })

  it('of another factor is refused to a password alone', async () => {
    const clerk = await aClerk()
    const thief = rooms.browser()
    await firstFactor(thief, clerk.username)
    expect(await thief.post('/me/totp')).toMatchObject({ status: 401, body: { code: 'second_factor_required' } })
    expect(await thief.post('/me/passkeys/options')).toMatchObject({ status: 401 })
  })

  it('begun by a thief does not end after the owner has enrolled', async () => {
    const clerk = await aClerk({ totp: false })
    const [thief, owner] = [rooms.browser(), rooms.browser()]
    await firstFactor(owner, clerk.username)
    await firstFactor(thief, clerk.username)
    await enrol(owner)
    expect(await thief.post('/me/totp/confirm', { code: '123456' })).toMatchObject({ status: 409 })
  })

  it('replaces a secret only once the new one is confirmed', async () => {
    const clerk = await aClerk()
    const browser = rooms.browser()
    await firstFactor(browser, clerk.username)
    await browser.post('/auth/totp', { code: generateSync({ secret: clerk.secret, epoch: secondsAgo(30) }) })
    expect((await fresh(rooms, browser, 'POST', '/me/totp')).status).toBe(200)
    const again = rooms.browser()
    await firstFactor(again, clerk.username)
    expect((await again.post('/auth/totp', { code: generateSync({ secret: clerk.secret }) })).status).toBe(200)
  })
})

describe('a frozen person', () => {
  it('with the right password hears why, until when and whom to ask, and can ask', async () => {
    const clerk = await aClerk()
    const freezeId = await freeze(clerk.id)
    const browser = rooms.browser()
    const answer = await firstFactor(browser, clerk.username)
    expect(answer).toMatchObject({
      status: 423,
      body: { code: 'account_frozen', case_id: freezeId, frozen_reason: 'bulk view' },
    })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      outcome: 'refused',
      reason: 'account_frozen',
      actor: clerk.id,
    })
    expect(browser.cookies.has(sessionCookie)).toBe(false)

    const asked = await browser.post('/auth/lift-requests', {
      ticket: answer.body['ticket'],
      message: 'a customer waits',
    })
    expect(asked.status).toBe(204)
    expect(eventOf(await rooms.events(), asked)).toMatchObject({
      action: 'approval',
      outcome: 'granted',
      subject: clerk.id,
    })
    const requests = await rooms.records.db.select().from(liftRequests).where(eq(liftRequests.freezeId, freezeId))
    expect(requests).toMatchObject([{ accountId: clerk.id, message: 'a customer waits' }])
    const told = await rooms.records.db.select().from(outbox).where(eq(outbox.key, clerk.id))
    expect(told).toMatchObject([{ topic: 'accounts', value: { kind: 'lift_requested', account: clerk.id } }])
  })

  it('with a wrong password learns nothing', async () => {
    const clerk = await aClerk()
    await freeze(clerk.id)
    const answer = await rooms.browser().post('/auth/password', { username: clerk.username, password: 'a wrong guess' })
    expect(answer.body).toMatchObject({ code: 'bad_credentials' })
  })

  it('cannot ask with a ticket of their own making', async () => {
    const freezeId = await freeze((await aClerk()).id)
    const ticket = `${freezeId}.${secondsAgo(-600)}.${'A'.repeat(43)}`
    expect((await rooms.browser().post('/auth/lift-requests', { ticket, message: '' })).status).toBe(403)
  })

  it('cannot ask with a ticket whose minutes are over', async () => {
    const freezeId = await freeze((await aClerk()).id)
    const [row] = await rooms.records.db.select().from(freezes).where(eq(freezes.id, freezeId))
    const ticketFrom = (minutesAgo: number) => {
      const then = Date.now() - minutesAgo * 60_000
      const clock = jest.spyOn(Date, 'now').mockReturnValue(then)
      const { ticket } = rooms.app.get(FrozenService).problem(row!).extra
      clock.mockRestore()
      return ticket
    }
    const ask = async (ticket: unknown) =>
      (await rooms.browser().post('/auth/lift-requests', { ticket, message: '' })).status
    expect([await ask(ticketFrom(11)), await ask(ticketFrom(9))]).toEqual([403, 204])
  })
})

describe('sign-out', () => {
  it('ends the session at once, and tells every gateway', async () => {
    const clerk = await aClerk()
    const browser = rooms.browser()
    await firstFactor(browser, clerk.username)
    await browser.post('/auth/totp', { code: generateSync({ secret: clerk.secret }) })
    const stolen = browser.cookies.get(sessionCookie) ?? ''
    const answer = await browser.post('/auth/sign-out')
    expect(answer.status).toBe(204)
    expect(eventOf(await rooms.events(), answer)).toMatchObject({ action: 'sign_out', outcome: 'granted' })
    browser.cookies.set(sessionCookie, stolen)
    expect((await browser.get('/me')).status).toBe(401)
    const told = await rooms.records.db.select().from(outbox).where(eq(outbox.key, clerk.id))
    expect(told).toMatchObject([{ value: { kind: 'sessions_revoked' } }])
  })

  it('is not done for another site', async () => {
    const clerk = await aClerk()
    const browser = rooms.browser()
    await firstFactor(browser, clerk.username)
    const answer = await browser.send('POST', '/api/v1/auth/sign-out', undefined, { origin: 'https://evil.example' })
    expect(answer).toMatchObject({ status: 403, body: { code: 'wrong_origin' } })
    expect((await browser.get('/me')).status).toBe(200)
  })
})
