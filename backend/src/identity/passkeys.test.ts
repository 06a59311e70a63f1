import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { accounts, challenges, passkeys } from '../record-store/schema.js'
import { eventOf, type Browser } from '../testing/browser.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { newAccount } from './account.js'
import { Passwords } from './passwords.js'
import { SoftwareAuthenticator, type CeremonyContext } from './testing/authenticator.js'
import { fresh } from '../testing/proof.js'
import { TotpService } from './totp.service.js'

const password = 'correct horse battery'
const own = { origin: 'http://localhost:8080', rpId: 'localhost' }
type Twist = Partial<CeremonyContext>

let rooms: Rooms
beforeAll(async () => (rooms = await startRooms()))
afterAll(() => rooms.stop())

async function begin(browser: Browser, path: string) {
  const { body } = await browser.post(path)
  const options = body['options'] as { challenge: string; allowCredentials?: { id: string }[] }
  return { challenge_id: String(body['challenge_id']), options }
}

async function enrol(browser: Browser, authenticator: SoftwareAuthenticator, twist: Twist = {}) {
  const { challenge_id, options } = await begin(browser, '/me/passkeys/options')
  const response = authenticator.register({ challenge: options.challenge, ...own, ...twist })
  return browser.post('/me/passkeys', { challenge_id, name: 'laptop', response })
}

async function signIn(browser: Browser, authenticator: SoftwareAuthenticator, twist: Twist = {}) {
  const { challenge_id, options } = await begin(browser, '/auth/passkey/options')
  const response = authenticator.sign({ challenge: options.challenge, ...own, ...twist })
  return browser.post('/auth/passkey', { challenge_id, response })
}

/** A clerk whose browser has given the password, and nothing else. */
async function aClerk() {
  const passwordHash = await rooms.app.get(Passwords).hash(password)
  const clerk = newAccount({ username: `clerk-${uuidv7()}`, displayName: 'Clerk', role: 'staff', passwordHash })
  await rooms.records.db.insert(accounts).values(clerk)
  const browser = rooms.browser()
  await browser.post('/auth/password', { username: clerk.username, password })
  return { ...clerk, browser }
}

async function aClerkWithPasskey() {
  const clerk = await aClerk()
  const authenticator = new SoftwareAuthenticator()
  expect((await enrol(clerk.browser, authenticator)).status).toBe(200)
  return { ...clerk, authenticator }
}

describe('passkey enrolment', () => {
  it('makes the session full and is written down', async () => {
    const clerk = await aClerk()
    const answer = await enrol(clerk.browser, new SoftwareAuthenticator())
    expect(answer).toMatchObject({ status: 200, body: { next: 'done', factors: ['passkey', 'recovery_code'] } })
    const event = eventOf(await rooms.events(), answer)
    expect(event).toMatchObject({ action: 'factor_change', outcome: 'granted', factor: 'passkey', subject: clerk.id })
    expect((await clerk.browser.get('/me')).body['level']).toBe('full')
    expect((await clerk.browser.get('/me/factors')).body).toMatchObject({ totp: false, passkeys: [{ name: 'laptop' }] })
  })

  const twists: [string, Twist][] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['another relying party', { rpId: 'evil.example' }],
    ['another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['no user verification', { userVerified: false }],
  ]
  it.each(twists)('is refused with %s', async (_name, twist) => {
    const clerk = await aClerk()
    const answer = await enrol(clerk.browser, new SoftwareAuthenticator(), twist)
    expect(answer).toMatchObject({ status: 401, body: { code: 'bad_credentials' } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({ outcome: 'failed', actor: clerk.id })
    expect((await clerk.browser.get('/me')).body['level']).toBe('first_factor')
  })

  it('does not take a challenge made for signing in, which takes no fresh proof', async () => {
    const clerk = await rooms.signedIn('staff')
    const another = rooms.browser()
    await another.post('/auth/password', { username: clerk.account.username, password: testPassword })
    const { challenge_id, options } = await begin(another, '/auth/passkey/options')
    const response = new SoftwareAuthenticator().register({ challenge: options.challenge, ...own })
    const added = await clerk.browser.post('/me/passkeys', { challenge_id, name: 'sneaked in', response })
    expect([added.status, added.body['code']]).toEqual([401, 'bad_credentials'])
    expect(await rooms.records.db.$count(passkeys, eq(passkeys.accountId, clerk.account.id))).toBe(0)
  })

  it("does not take a challenge made for somebody else's enrolment", async () => {
    const [clerk, other] = [await aClerk(), await aClerk()]
    const { challenge_id, options } = await begin(other.browser, '/me/passkeys/options')
    const response = new SoftwareAuthenticator().register({ challenge: options.challenge, ...own })
    expect((await clerk.browser.post('/me/passkeys', { challenge_id, name: 'x', response })).status).toBe(401)
  })

  it('of another passkey is refused to a password alone', async () => {
    const { username } = await aClerkWithPasskey()
    const thief = rooms.browser()
    await thief.post('/auth/password', { username, password })
    expect(await thief.post('/me/passkeys/options')).toMatchObject({
      status: 401,
      body: { code: 'second_factor_required' },
    })
  })
})

describe('passkey sign-in', () => {
  it('is what the list of one’s own keys tells as its last use: that key’s, and no other’s', async () => {
    const clerk = await aClerkWithPasskey()
    const spare = new SoftwareAuthenticator()
    const begun = await fresh(rooms, clerk.browser, 'POST', '/me/passkeys/options')
    const { challenge } = begun.body['options'] as { challenge: string }
    const response = spare.register({ challenge, ...own })
    const challenge_id = String(begun.body['challenge_id'])
    expect((await clerk.browser.post('/me/passkeys', { challenge_id, name: 'spare', response })).status).toBe(200)
    const lastUses = async (browser: Browser) =>
      ((await browser.get('/me/factors')).body['passkeys'] as { name: string; last_used_at?: string }[]).map(
        ({ name, last_used_at }) => [name, last_used_at],
      )
    expect(await lastUses(clerk.browser)).toEqual([
      ['laptop', undefined],
      ['spare', undefined],
    ])
    const before = Date.now()
    const elsewhere = rooms.browser()
    expect((await signIn(elsewhere, spare)).status).toBe(200)
    const [[, laptop] = [], [, used] = []] = await lastUses(elsewhere)
    expect(laptop).toBeUndefined()
    expect(Date.parse(String(used))).toBeGreaterThanOrEqual(before - 1000)
    expect((await signIn(rooms.browser(), clerk.authenticator, { challenge: 'AAAA' })).status).toBe(401)
    expect((await lastUses(elsewhere))[0]).toEqual(['laptop', undefined]) // what was refused is no use
  })

  it('is complete without a password', async () => {
    const { id, authenticator } = await aClerkWithPasskey()
    const browser = rooms.browser()
    const answer = await signIn(browser, authenticator)
    expect(answer).toMatchObject({ status: 200, body: { next: 'done' } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({ outcome: 'granted', factor: 'passkey', actor: id })
    expect((await browser.get('/me')).body).toMatchObject({ id, level: 'full' })
  })

  it('after a password asks for that person’s passkeys, and takes no other’s', async () => {
    const [clerk, other] = [await aClerkWithPasskey(), await aClerkWithPasskey()]
    const browser = rooms.browser()
    await browser.post('/auth/password', { username: clerk.username, password })
    const { options } = await begin(browser, '/auth/passkey/options')
    expect(options.allowCredentials).toMatchObject([{ id: clerk.authenticator.credentialId.toString('base64url') }])
    expect((await signIn(browser, other.authenticator)).status).toBe(401)
    expect((await signIn(browser, clerk.authenticator)).status).toBe(200)
  })

  const twists: [string, Twist][] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['another relying party', { rpId: 'evil.example' }],
    ['another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['no user verification', { userVerified: false }],
    ['a counter that stands still', { counter: 1 }],
  ]
  it.each(twists)('is refused with %s, and written down for its owner', async (_name, twist) => {
    const { id, authenticator } = await aClerkWithPasskey()
    const answer = await signIn(rooms.browser(), authenticator, twist)
    expect(answer).toMatchObject({ status: 401, body: { code: 'bad_credentials' } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({ outcome: 'failed', factor: 'passkey', actor: id })
  })

  it('takes a challenge once', async () => {
    const { authenticator } = await aClerkWithPasskey()
    const browser = rooms.browser()
    const { challenge_id, options } = await begin(browser, '/auth/passkey/options')
    const attempt = () =>
      browser.post('/auth/passkey', {
        challenge_id,
        response: authenticator.sign({ challenge: options.challenge, ...own }),
      })
    expect((await attempt()).status).toBe(200)
    expect((await attempt()).status).toBe(401)
  })

  it('takes no challenge older than five minutes', async () => {
    const { authenticator } = await aClerkWithPasskey()
    const { challenge_id, options } = await begin(rooms.browser(), '/auth/passkey/options')
    await rooms.records.db
      .update(challenges)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(challenges.id, challenge_id))
    const response = authenticator.sign({ challenge: options.challenge, ...own })
    expect((await rooms.browser().post('/auth/passkey', { challenge_id, response })).status).toBe(401)
  })

  it('takes an authenticator that does not count', async () => {
    const clerk = await aClerk()
    const authenticator = new SoftwareAuthenticator()
    await enrol(clerk.browser, authenticator, { counter: 0 })
    expect((await signIn(rooms.browser(), authenticator, { counter: 0 })).status).toBe(200)
    expect((await signIn(rooms.browser(), authenticator, { counter: 0 })).status).toBe(200)
  })

  it.each([{}, { id: 7 }, { id: 'unknown', response: {} }])(
    'answers nonsense (%j) like a wrong passkey',
    async (response) => {
      const { challenge_id } = await begin(rooms.browser(), '/auth/passkey/options')
      expect((await rooms.browser().post('/auth/passkey', { challenge_id, response })).body['code']).toBe(
        'bad_credentials',
      )
    },
  )
})

describe('removing a passkey', () => {
  it('works while another factor stays, and not for the last one', async () => {
    const { id, browser } = await aClerkWithPasskey()
    const [row] = await rooms.records.db.select().from(passkeys).where(eq(passkeys.accountId, id))
    expect(await fresh(rooms, browser, 'DELETE', `/me/passkeys/${row?.id}`)).toMatchObject({ status: 409 })
    await rooms.app.get(TotpService).install(id)
    const answer = await fresh(rooms, browser, 'DELETE', `/me/passkeys/${row?.id}`)
    expect(answer.status).toBe(204)
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      action: 'factor_change',
      reason: 'removed',
      record_id: row?.id,
    })
    expect((await fresh(rooms, browser, 'DELETE', `/me/passkeys/${row?.id}`)).status).toBe(404)
  })

  it("is not done to somebody else's", async () => {
    const [clerk, other] = [await aClerkWithPasskey(), await aClerkWithPasskey()]
    const [row] = await rooms.records.db.select().from(passkeys).where(eq(passkeys.accountId, other.id))
    expect((await fresh(rooms, clerk.browser, 'DELETE', `/me/passkeys/${row?.id}`)).status).toBe(404)
  })
})
