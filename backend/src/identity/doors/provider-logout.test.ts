import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { AdminModule } from '../../admin/admin.module.js'
import { accounts, sessions } from '../../record-store/schema.js'
import { ResponseModule } from '../../response/response.module.js'
import { eventOf, type Browser } from '../../testing/browser.js'
import { fresh } from '../../testing/proof.js'
import { startRooms, type Rooms } from '../../testing/start-rooms.js'
import { newAccount } from '../account.js'
import { TotpService } from '../totp.service.js'
import { startHostileProvider } from './testing/hostile-provider.js'
import { client, startProvider, type TestProvider } from './testing/provider.js'

const origin = 'http://localhost:8080'
const env = (issuer: string) => ({
  PUBLIC_URL: origin,
  CUSTODIA_OIDC_ISSUER: issuer,
  CUSTODIA_OIDC_CLIENT_ID: client.client_id,
  CUSTODIA_OIDC_CLIENT_SECRET: client.client_secret,
  CUSTODIA_OIDC_RECHECK_MINUTES: '120',
  CUSTODIA_OIDC_TOKEN_DAYS: '7',
})
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const say = (rooms: Rooms, token: string) =>
  rooms.app.inject({
    method: 'POST',
    url: '/api/v1/auth/oidc/back-channel-logout',
    headers: { host: 'localhost:8080', ...form },
    payload: `logout_token=${encodeURIComponent(token)}`,
  })

async function somebody(rooms: Rooms, username: string) {
  const account = newAccount({ username, displayName: username, role: 'analyst', passwordHash: null, door: 'oidc' })
  await rooms.records.db.insert(accounts).values(account)
  return { account, secret: await rooms.app.get(TotpService).install(account.id) }
}
const secondFactor = async (rooms: Rooms, id: string, secret: string, browser: Browser) => {
  await rooms.records.db.update(accounts).set({ totpLastStep: 0 }).where(eq(accounts.id, id))
  expect((await browser.post('/auth/totp', { code: generateSync({ secret }) })).status).toBe(200)
  return browser
}

describe('whoever signs out at the provider, or is closed there', () => {
  let provider: TestProvider
  let rooms: Rooms
  let anna: Awaited<ReturnType<typeof somebody>>
  beforeAll(async () => {
    provider = await startProvider(`${origin}/sign-in/oidc`)
    rooms = await startRooms([ResponseModule, AdminModule], undefined, env(provider.issuer))
    provider.people.set('sub-anna', { preferred_username: 'anna' })
    provider.tell = async (body) => {
      const answer = await rooms.app.inject({
        method: 'POST',
        url: '/api/v1/auth/oidc/back-channel-logout',
        headers: { host: 'localhost:8080', ...form },
        payload: body,
      })
      return answer.statusCode
    }
    anna = await somebody(rooms, 'anna')
  })
  afterAll(async () => {
    await rooms.stop()
    await provider.stop()
  })
  const signIn = async () => {
    const browser = rooms.browser()
    const url = String((await browser.post('/auth/oidc/begin')).body['url'])
    const came = await provider.signIn(url, 'sub-anna')
    expect((await browser.post('/auth/oidc', Object.fromEntries(came.searchParams))).status).toBe(200)
    return secondFactor(rooms, anna.account.id, anna.secret, browser)
  }

  it('is out here at once, of what stood on that session there; another of theirs and their programs go on', async () => {
    const [other, browser] = [await signIn(), await signIn()]
    const scopes = { name: 'a script', scopes: ['person.read'], days: 9 }
    const made = await fresh(rooms, browser, 'POST', '/me/tokens', scopes)
    await provider.signOut('sub-anna')
    expect((await browser.get('/me')).status).toBe(401)
    expect((await other.get('/me')).status).toBe(200)
    const event = (await rooms.events()).find(({ reason }) => reason === 'signed out at the provider')
    expect(event).toMatchObject({ action: 'sign_out', outcome: 'granted', actor: anna.account.id, count: 1 })
    const [token] = await rooms.records.db
      .select()
      .from(sessions)
      .where(eq(sessions.id, String(made.body['id'])))
    expect(token?.endedAt).toBeNull()
  })

  it('ends within two hours even where the provider says nothing: a rotated session lasts no longer', async () => {
    const browser = await signIn()
    const [row] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, anna.account.id))
    const vouched = row?.vouchedAt?.getTime() ?? 0
    const ends = async () =>
      (await rooms.records.db.select().from(sessions).where(eq(sessions.accountId, anna.account.id)))
        .filter(({ endedAt, scopes, level }) => !endedAt && !scopes && level === 'full')
        .map(({ expiresAt }) => expiresAt.getTime())
    expect(Math.max(...(await ends())) - vouched).toBeLessThanOrEqual(120 * 60_000)
    const begun = await fresh(rooms, browser, 'POST', '/me/totp')
    const secret = String(begun.body['secret'])
    expect((await browser.post('/me/totp/confirm', { code: generateSync({ secret }) })).status).toBe(200)
    expect(Math.max(...(await ends())) - vouched).toBeLessThanOrEqual(120 * 60_000)
    anna.secret = secret
  })

  it('has no program that works on for ever', async () => {
    const browser = await signIn()
    const made = await fresh(rooms, browser, 'POST', '/me/tokens', { name: 'x', scopes: ['person.read'], days: 90 })
    const headers = { authorization: `Bearer ${String(made.body['token'])}` }
    const use = () => rooms.browser().send('GET', '/api/v1/me/tokens', undefined, headers)
    const [known, day] = [eq(accounts.id, anna.account.id), 86_400_000]
    expect((await use()).body['code']).toBe('not_allowed') // known, and made for something else
    await rooms.records.db
      .update(accounts)
      .set({ vouchedAt: new Date(Date.now() - 8 * day) })
      .where(known)
    expect((await use()).body['code']).toBe('token_invalid')
    await signIn()
    expect((await use()).body['code']).toBe('not_allowed')
  })

  it.each(['/auth/password', '/auth/totp', '/invitations/accept'])(
    'a form of another page is not read by %s',
    async (to) => {
      const answer = await rooms.app.inject({
        method: 'POST',
        url: `/api/v1${to}`,
        headers: { host: 'localhost:8080', ...form },
        payload: 'username=anna&password=guess&code=123456',
      })
      expect(answer.statusCode).toBe(415)
    },
  )
})

describe('a logout token', () => {
  it('is one of the provider, for us, new, and about signing out; everything else ends nobody’s session', async () => {
    const hostile = await startHostileProvider()
    const rooms = await startRooms([ResponseModule, AdminModule], undefined, env(hostile.issuer))
    try {
      const mallory = await somebody(rooms, 'mallory')
      const browser = rooms.browser()
      const sent = new URL(String((await browser.post('/auth/oidc/begin')).body['url'])).searchParams
      hostile.tell({ claims: { nonce: sent.get('nonce') } })
      const back = { code: 'x', state: sent.get('state'), iss: hostile.issuer }
      expect((await browser.post('/auth/oidc', back)).status).toBe(200)
      await secondFactor(rooms, mallory.account.id, mallory.secret, browser)

      const now = Math.floor(Date.now() / 1000)
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
      const honest = { iss: hostile.issuer, aud: 'custodia', sub: 'mallory', iat: now, exp: now + 60, jti: 'x', events }
      const lies: [string, Record<string, unknown>][] = [
        ['of another issuer', { iss: 'https://accounts.example' }],
        ['for another client', { aud: 'another' }],
        ['about nobody', { sub: undefined }],
        ['about something else', { events: { 'https://example.com/else': {} } }],
        ['an event that is none', { events: { 'http://schemas.openid.net/event/backchannel-logout': true } }],
        ['without events', { events: undefined }],
        ['an ID token', { nonce: 'x' }],
        ['old', { iat: now - 3600, exp: undefined }],
        ['of the future', { iat: now + 3600, exp: now + 7200 }],
        ['over', { exp: now - 3600 }],
        ['a number as name', { sub: 1 }],
      ]
      for (const [what, claims] of lies) {
        const answer = await say(rooms, hostile.signed({ ...honest, ...claims }))
        expect([what, answer.statusCode]).toEqual([what, 400])
      }
      const [head, body] = hostile.signed(honest).split('.')
      const symmetric = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${body}`
      const hmac = createHmac('sha256', hostile.publicKey).update(symmetric).digest('base64url')
      for (const forged of [
        hostile.signed(honest, 'others'),
        hostile.signed(honest, 'none'),
        `${symmetric}.${hmac}`,
        `${head}.${body}.`,
        `${head}.${body}`,
        'x',
      ])
        expect((await say(rooms, forged)).statusCode).toBe(400)
      expect((await browser.get('/me')).status).toBe(200)

      const answer = await say(rooms, hostile.signed(honest))
      expect([answer.statusCode, answer.body]).toEqual([204, ''])
      expect((await browser.get('/me')).status).toBe(401)
      const told = {
        status: 204,
        body: {},
        text: '',
        headers: {},
        eventId: String(answer.headers['custodia-event-id']),
      }
      expect(eventOf(await rooms.events(), told)).toMatchObject({ subject: mallory.account.id, count: 1 })

      // sent again, it ends nothing that began later; and about nobody here, it is heard and ends nothing
      const [later] = await rooms.records.db
        .update(sessions)
        .set({ endedAt: null, createdAt: new Date(Date.now() + 120_000) })
        .where(eq(sessions.accountId, mallory.account.id))
        .returning()
      expect((await say(rooms, hostile.signed(honest))).statusCode).toBe(204)
      expect((await say(rooms, hostile.signed({ ...honest, sub: 'nobody' }))).statusCode).toBe(204)
      expect((await say(rooms, hostile.signed({ ...honest, sub: undefined, sid: 'none' }))).statusCode).toBe(204)
      const [after] = await rooms.records.db
        .select()
        .from(sessions)
        .where(eq(sessions.id, later?.id ?? ''))
      expect(after?.endedAt).toBeNull()
    } finally {
      await hostile.stop()
      await rooms.stop()
    }
  })
})

describe('a provider that gives itself out for another', () => {
  it('is believed nothing: its document must name the issuer that was configured', async () => {
    const hostile = await startHostileProvider()
    hostile.metadata.issuer = 'https://accounts.example'
    const rooms = await startRooms([], undefined, env(hostile.issuer))
    const answer = await rooms.browser().post('/auth/oidc/begin')
    expect([answer.status, answer.body['code']]).toEqual([503, 'provider_unavailable'])
    await rooms.stop()
    await hostile.stop()
  })
})
