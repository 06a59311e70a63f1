import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Role } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { v7 as uuidv7 } from 'uuid'
import { AdminModule } from '../../admin/admin.module.js'
import { accounts, freezes, oidcFlows, sessions } from '../../record-store/schema.js'
import { ResponseModule } from '../../response/response.module.js'
import { FreezesService } from '../../response/freezes.service.js'
import { eventOf, type Answer, type Browser } from '../../testing/browser.js'
import { raisedAlerts } from '../../testing/raised-alerts.js'
import { until } from '../../testing/settled.js'
import { startRooms, type Rooms } from '../../testing/start-rooms.js'
import { newAccount } from '../account.js'
import { TotpService } from '../totp.service.js'
import { startHostileProvider } from './testing/hostile-provider.js'
import { client, startProvider, type TestProvider } from './testing/provider.js'

const origin = 'http://localhost:8080'
const env = (issuer: string, more: Record<string, string> = {}) => ({
  PUBLIC_URL: origin,
  CUSTODIA_OIDC_ISSUER: issuer,
  CUSTODIA_OIDC_CLIENT_ID: client.client_id,
  CUSTODIA_OIDC_CLIENT_SECRET: client.client_secret,
  ...more,
})
let households = 0
/** Each at an address of its own: what one fails with does not slow the next one down. */
const newBrowser = (rooms: Rooms) => rooms.browser(`10.1.${++households}.9`)
const told = ({ status, body }: Answer) => [status, body['code'] ?? body['next']]
const begin = async (browser: Browser): Promise<string> => String((await browser.post('/auth/oidc/begin')).body['url'])
const back = (browser: Browser, url: URL, over: Record<string, string> = {}) =>
  browser.post('/auth/oidc', { ...Object.fromEntries(url.searchParams), ...over })

/** What the house says to an ID token with these claims. */
async function answered(
  rooms: Rooms,
  hostile: Awaited<ReturnType<typeof startHostileProvider>>,
  claims: Record<string, unknown>,
  key?: 'others' | 'none',
) {
  const browser = newBrowser(rooms)
  const sent = new URL(await begin(browser)).searchParams
  hostile.tell({ claims: { nonce: String(sent.get('nonce')), ...claims }, ...(key ? { key } : {}) })
  const search = new URLSearchParams({ code: 'x', state: String(sent.get('state')), iss: hostile.issuer })
  return told(await back(browser, new URL(`${origin}/sign-in/oidc?${search}`)))
}

async function anAccount(rooms: Rooms, username: string, over: Partial<typeof accounts.$inferInsert> = {}) {
  const account = newAccount({
    username,
    displayName: username,
    role: 'staff' as Role,
    passwordHash: null,
    door: 'oidc',
  })
  await rooms.records.db.insert(accounts).values({ ...account, ...over })
  return { account, secret: await rooms.app.get(TotpService).install(account.id) }
}

describe('sign-in at a real OpenID provider', () => {
  let provider: TestProvider
  let rooms: Rooms
  beforeAll(async () => {
    provider = await startProvider(`${origin}/sign-in/oidc`)
    const named = { CUSTODIA_OIDC_NAME: 'Example SSO' }
    rooms = await startRooms([ResponseModule, AdminModule], undefined, env(provider.issuer, named))
  })
  afterAll(async () => {
    await rooms.stop()
    await provider.stop()
  })

  const somebody = async (over: Partial<typeof accounts.$inferInsert> = {}) => {
    const username = `p-${uuidv7().slice(-10)}`
    provider.people.set(`sub-${username}`, { preferred_username: username })
    return { username, sub: `sub-${username}`, ...(await anAccount(rooms, username, over)) }
  }
  const signIn = async (browser: Browser, sub: string) =>
    back(browser, await provider.signIn(await begin(browser), sub))

  it('is offered, and is a first factor: ours comes after it', async () => {
    const { sub, secret, account } = await somebody()
    const browser = newBrowser(rooms)
    expect((await browser.get('/setup')).body['oidc']).toEqual({ name: 'Example SSO' })
    const first = await signIn(browser, sub)
    expect(told(first)).toEqual([200, 'second_factor'])
    expect((await browser.get('/me')).body).toMatchObject({ level: 'first_factor', door: 'oidc' })
    expect((await browser.post('/auth/totp', { code: generateSync({ secret }) })).status).toBe(200)
    expect((await browser.get('/me')).body).toMatchObject({ level: 'full', id: account.id })
    expect(eventOf(await rooms.events(), first)).toMatchObject({ action: 'sign_in', factor: 'oidc', actor: account.id })
    expect(String((await browser.post('/auth/oidc/sign-out')).body['url'])).toMatch(`${provider.issuer}/session/end?`)
    expect((await browser.get('/me')).status).toBe(401)
  })

  it('takes each answer once, in the browser it was asked for in, with its own state', async () => {
    const { sub } = await somebody()
    const [browser, other] = [newBrowser(rooms), newBrowser(rooms)]
    const url = await provider.signIn(await begin(browser), sub)
    await begin(other)
    expect(told(await back(other, url))).toEqual([401, 'sign_in_over']) // a victim led to the attacker's answer
    expect(told(await back(browser, url, { state: 'another' }))).toEqual([401, 'sign_in_over'])
    expect(told(await back(browser, url))).toEqual([200, 'second_factor'])
    const late = await back(browser, url)
    expect(told(late)).toEqual([401, 'sign_in_over'])
    // an attempt that failed, as a wrong password is
    expect(eventOf(await rooms.events(), late)).toMatchObject({ action: 'sign_in', outcome: 'failed' })
    const again = new URL(await begin(browser))
    const fresh = String(again.searchParams.get('state'))
    expect(told(await back(browser, url, { state: fresh }))).toEqual([401, 'provider_answer_wrong']) // the old code
  })

  it('refuses another nonce, another client’s code, an answer of another issuer, and one that is late', async () => {
    const { sub } = await somebody()
    const tries: [string, (url: URL) => Promise<Record<string, string>>][] = [
      ['nonce', async () => (await rooms.records.db.update(oidcFlows).set({ nonce: 'another' }), {})],
      ['issuer', async () => ({ iss: 'https://mallory.example' })],
      ['verifier', async () => (await rooms.records.db.update(oidcFlows).set({ verifier: 'x'.repeat(43) }), {})],
      ['late', async () => (await rooms.records.db.update(oidcFlows).set({ expiresAt: new Date(0) }), {})],
    ]
    for (const [what, spoil] of tries) {
      const browser = newBrowser(rooms)
      const url = await provider.signIn(await begin(browser), sub)
      const code = what === 'late' ? 'sign_in_over' : 'provider_answer_wrong'
      expect([what, ...told(await back(browser, url, await spoil(url)))]).toEqual([what, 401, code])
    }
    const browser = newBrowser(rooms)
    const begun = new URL(await begin(browser))
    begun.searchParams.set('client_id', 'another')
    expect(told(await back(browser, await provider.signIn(begun.href, sub)))).toEqual([401, 'provider_answer_wrong'])
  })

  it('opens no account that has a password here, and none that is pinned to somebody else', async () => {
    const local = await somebody({ door: 'password' })
    expect(told(await signIn(newBrowser(rooms), local.sub))).toEqual([403, 'no_account'])
    const mine = await somebody()
    expect(told(await signIn(newBrowser(rooms), mine.sub))).toEqual([200, 'second_factor'])
    provider.people.set('sub-of-another', { preferred_username: mine.username })
    expect(told(await signIn(newBrowser(rooms), 'sub-of-another'))).toEqual([403, 'no_account'])
    provider.people.set(mine.sub, { preferred_username: 'renamed' })
    expect(told(await signIn(newBrowser(rooms), mine.sub))).toEqual([200, 'second_factor'])
    const awaited = await somebody()
    for (const alike of [
      awaited.username.replace('p', 'ｐ'),
      awaited.username.replace('p', 'ᵖ'),
      `${awaited.username}\u200b`,
    ]) {
      provider.people.set('reads-alike', { preferred_username: alike })
      expect(told(await signIn(newBrowser(rooms), 'reads-alike'))).toEqual([403, 'no_account'])
    }
    expect(told(await signIn(newBrowser(rooms), awaited.sub))).toEqual([200, 'second_factor'])
    provider.people.set('stranger', { preferred_username: 'stranger' })
    expect(told(await signIn(newBrowser(rooms), 'stranger'))).toEqual([403, 'no_account']) // nobody is made in silence
    expect(await rooms.records.db.select().from(accounts).where(eq(accounts.username, 'stranger'))).toEqual([])
  })

  it('lets in neither the frozen nor the closed, and no password beside it', async () => {
    const closed = await somebody({ status: 'disabled' })
    expect(told(await signIn(newBrowser(rooms), closed.sub))).toEqual([403, 'account_disabled'])
    const frozen = await somebody()
    const order = { account: frozen.account.id, reason: 'a test', by: 'system', until: new Date(Date.now() + 60_000) }
    await rooms.records.db.transaction((tx) => rooms.app.get(FreezesService).byHand(tx, order))
    expect(told(await signIn(newBrowser(rooms), frozen.sub))).toEqual([423, 'account_frozen'])
    expect((await rooms.records.db.select().from(freezes)).length).toBeGreaterThan(0)
    const { username } = await somebody()
    expect((await newBrowser(rooms).post('/auth/password', { username, password: 'whatever it is' })).status).toBe(401)
  })
})

describe('what an ID token says', () => {
  it('counts only when audience, issuer, time, nonce and signature are right', async () => {
    const hostile = await startHostileProvider()
    const rooms = await startRooms([], undefined, env(hostile.issuer, { CUSTODIA_OIDC_TRUSTED_MFA: 'mfa' }))
    try {
      await anAccount(rooms, 'mallory')
      const now = Math.floor(Date.now() / 1000)
      const lies: [string, Record<string, unknown>, ('others' | 'none')?][] = [
        ['honest', {}],
        ['audience', { aud: 'another' }],
        ['several audiences', { aud: ['custodia', 'another'], azp: 'another' }],
        ['issuer', { iss: 'https://accounts.example' }],
        ['expired', { exp: now - 120, iat: now - 300 }],
        ['nonce', { nonce: 'another' }],
        ['no nonce', { nonce: undefined }],
        ['another key', {}, 'others'],
        ['no signature', {}, 'none'],
        ['a second factor that the house trusts', { amr: ['pwd', 'mfa'] }],
        ['one that it does not', { amr: ['pwd', 'sms'], acr: '1' }],
      ]
      const next: Record<string, string> = {
        honest: 'second_factor',
        'a second factor that the house trusts': 'done',
        'one that it does not': 'second_factor',
      }
      for (const [what, claims, key] of lies) {
        const expected = next[what] ? [200, next[what]] : [401, 'provider_answer_wrong']
        expect([what, ...(await answered(rooms, hostile, claims, key))]).toEqual([what, ...expected])
      }
    } finally {
      await hostile.stop()
      await rooms.stop()
    }
  })

  it('must have seen the person as lately as the house wants, and say so', async () => {
    const hostile = await startHostileProvider()
    const rooms = await startRooms([], undefined, env(hostile.issuer, { CUSTODIA_OIDC_MAX_AGE_MINUTES: '60' }))
    try {
      await anAccount(rooms, 'mallory')
      expect(new URL(await begin(newBrowser(rooms))).searchParams.get('max_age')).toBe('3600')
      const ago = (minutes: number) => ({ auth_time: Math.floor(Date.now() / 1000) - minutes * 60 })
      expect(await answered(rooms, hostile, ago(50))).toEqual([200, 'second_factor'])
      expect(await answered(rooms, hostile, ago(70))).toEqual([401, 'provider_answer_wrong'])
      expect(await answered(rooms, hostile, {})).toEqual([401, 'provider_answer_wrong'])
    } finally {
      await hostile.stop()
      await rooms.stop()
    }
  })
})

describe('a provider with groups', () => {
  it('gives the role at each sign-in, makes accounts where it may, and says clearly when it is away', async () => {
    const provider = await startProvider(`${origin}/sign-in/oidc`)
    const roles = {
      CUSTODIA_OIDC_ROLES: 'bank-it=admin;bank-desk=analyst;bank-managers=manager;bank-staff=staff',
      CUSTODIA_OIDC_CREATE: 'true',
    }
    const rooms = await startRooms([ResponseModule, AdminModule], undefined, env(provider.issuer, roles))
    const come = async (sub: string) => {
      const browser = newBrowser(rooms)
      return back(browser, await provider.signIn(await begin(browser), sub))
    }
    const named = async (username: string) =>
      (await rooms.records.db.select().from(accounts).where(eq(accounts.username, username)))[0]
    try {
      provider.people.set('s1', { preferred_username: 'new.one', name: 'New One', groups: ['bank-staff'] })
      expect(told(await come('s1'))).toEqual([200, 'enrol'])
      expect(await named('new.one')).toMatchObject({
        role: 'staff',
        door: 'oidc',
        passwordHash: null,
        displayName: 'New One',
      })
      const { id = '', role } = (await named('new.one')) ?? {}
      const token = { id: uuidv7(), tokenHash: Buffer.from(uuidv7()), accountId: id, level: 'full' as const }
      const use = { scopes: ['customer.search' as const], device: '', ip: '', expiresAt: new Date(Date.now() + 60_000) }
      await rooms.records.db.insert(sessions).values({ ...token, ...use })
      provider.people.set('s1', { preferred_username: 'new.one', groups: ['bank-managers', 'bank-staff'] })
      await come('s1')
      expect([role, (await named('new.one'))?.role]).toEqual(['staff', 'manager'])
      const [ended] = await rooms.records.db.select().from(sessions).where(eq(sessions.id, token.id))
      expect(ended?.endReason).toBe('revoked') // what a program was given as staff, a manager's does not inherit
      const changes = (await rooms.events()).filter(({ action, subject }) => action === 'role_change' && subject === id)
      expect(changes).toMatchObject([
        { actor: 'system', reason: 'as oidc says', fields: ['username', 'display_name', 'role'] },
        { actor: 'system', reason: 'as oidc says', fields: ['role'] },
      ])
      // Nobody proposed or confirmed it here: everybody on duty hears of who approves by a group, or no longer watches.
      for (const group of ['bank-desk', 'bank-staff']) {
        provider.people.set('s5', { preferred_username: 'at.desk', groups: [group] })
        await come('s5')
      }
      // So it is with an administrator by a group, made or raised.
      provider.people.set('s1', { preferred_username: 'new.one', groups: ['bank-it'] })
      provider.people.set('s9', { preferred_username: 'new.root', groups: ['bank-it'] })
      for (const sub of ['s1', 's9']) await come(sub)
      expect([(await named('new.one'))?.role, (await named('new.root'))?.role]).toEqual(['admin', 'admin'])
      const loud = await until(async () => {
        const alerts = await raisedAlerts(rooms.log)
        return alerts.length === 5 ? alerts : undefined
      })
      const became = { rule: 'power-change', severity: 'critical', title: 'Somebody became administrator by a group' }
      const judges = { rule: 'power-change', title: 'Somebody was made to approve what others ask for' }
      const desk = (await named('at.desk'))?.id
      expect(loud).toMatchObject([
        { ...judges, actor: id },
        { ...judges, actor: desk },
        { rule: 'power-change', title: 'An administrator or analyst was taken out', actor: desk },
        { ...became, actor: id },
        became,
      ])
      expect(loud.map(({ text }) => text.en).join()).toContain('a group behind the door oidc')
      provider.people.set('s1', { preferred_username: 'new.one', groups: ['visitors'] })
      expect(told(await come('s1'))).toEqual([403, 'no_account'])
      await rooms
        .signedIn('staff')
        .then(({ account }) =>
          provider.people.set('s2', { preferred_username: account.username, groups: ['bank-staff'] }),
        )
      expect(told(await come('s2'))).toEqual([403, 'no_account']) // the name is somebody's with a password
    } finally {
      await provider.stop()
      await rooms.stop()
    }
    const away = await startRooms([], undefined, env(provider.issuer))
    expect(told(await newBrowser(away).post('/auth/oidc/begin'))).toEqual([503, 'provider_unavailable'])
    await away.stop()
  })
})
