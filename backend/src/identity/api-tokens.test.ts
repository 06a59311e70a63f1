import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Role } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { AdminModule } from '../admin/admin.module.js'
import { accounts, sessions } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import { FreezesService } from '../response/freezes.service.js'
import { eventOf, type Answer } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { TriageModule } from '../triage/triage.module.js'
import { sessionCookie } from './credential.js'
import { makeToken } from './token-secret.js'

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms([ResponseModule, AdminModule, TriageModule], undefined, { CUSTODIA_API_RATE: '25' })
})
afterAll(() => rooms.stop())

async function withToken(role: Role = 'analyst', scopes = ['person.read']) {
  const { account, browser } = await rooms.signedIn(role)
  const made = await fresh(rooms, browser, 'POST', '/me/tokens', { name: 'a script', scopes, days: 30 })
  const { id, token } = made.body as { id: string; token: string }
  return { account, browser, made, id, token }
}
const use = (token: string, path = '/people', more: Record<string, string> = {}, method: 'GET' | 'POST' = 'GET') =>
  rooms.browser().send(method, `/api/v1${path}`, undefined, { authorization: `Bearer ${token}`, ...more })
const told = ({ status, body }: Answer) => [status, body['code']]

describe('an API token', () => {
  it('is shown once, kept as a hash, and does what it was made for; each use names it', async () => {
    const { account, browser, made, id, token } = await withToken()
    expect(made.status).toBe(200)
    const used = async () => (await browser.get('/me/tokens')).body['items'] as { last_used_at?: string }[]
    expect((await used()).map(({ last_used_at }) => last_used_at)).toEqual([undefined])
    const answer = await use(token)
    expect(await used()).toEqual([expect.objectContaining({ last_used_at: expect.any(String) })])
    expect(answer.status).toBe(200)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      actor: account.id,
      session: id,
      factor: 'token',
      action: 'list',
      outcome: 'granted',
    })
    const [row] = await rooms.records.db.select().from(sessions).where(eq(sessions.id, id))
    expect(JSON.stringify(row)).not.toContain(token)
    const listed = await browser.get('/me/tokens')
    expect(listed.body['items']).toEqual([expect.objectContaining({ id, name: 'a script', scopes: ['person.read'] })])
    expect(listed.text).not.toContain(token)
    expect(JSON.stringify(await rooms.events())).not.toContain(token)
  })

  it('wants a fresh proof to be made, and scopes that its owner has', async () => {
    const { browser } = await rooms.signedIn('analyst')
    const body = { name: 'x', scopes: ['person.read'], days: 1 }
    expect(told(await browser.post('/me/tokens', body))).toEqual([403, 'step_up_required'])
    for (const scope of ['scim', 'photo.view']) {
      const more = await fresh(rooms, browser, 'POST', '/me/tokens', { ...body, scopes: ['person.read', scope] })
      expect(told(more)).toEqual([403, 'not_allowed'])
    }
    for (const scope of ['own', 'account.manage', 'person.freeze', 'ingest.manage'])
      expect((await fresh(rooms, browser, 'POST', '/me/tokens', { ...body, scopes: [scope] })).status).toBe(400)
  })

  it('is worth nothing for anything else: other permissions, its owner’s own things, new tokens', async () => {
    const { token } = await withToken('admin')
    for (const path of ['/me', '/me/tokens', '/me/sessions', '/tokens'])
      expect(told(await use(token, path))).toEqual([403, 'not_allowed'])
    expect(told(await use(token, '/me/tokens', {}, 'POST'))).toEqual([403, 'not_allowed'])
    expect(told(await use(token, '/auth/sign-out', {}, 'POST'))).toEqual([403, 'not_allowed'])
  })

  it('works in its header alone: not as a cookie, not beside one, and a cookie is no token', async () => {
    const { browser, token } = await withToken()
    const cookie = browser.cookies.get(sessionCookie) ?? ''
    const asCookie = await use('', '/people', { authorization: '', cookie: `${sessionCookie}=${token}` })
    expect(asCookie.status).toBeGreaterThanOrEqual(400)
    const { body } = await rooms
      .browser()
      .send('GET', '/api/v1/people', undefined, { cookie: `${sessionCookie}=${token}` })
    expect(body['code']).toBe('not_signed_in')
    expect(told(await use(token, '/people', { cookie: `${sessionCookie}=${cookie}` }))).toEqual([400, 'token_alone'])
    expect(told(await use(cookie))).toEqual([401, 'token_invalid'])
    for (const wrong of [makeToken(), `${token.slice(0, -1)}!`, 'x'.repeat(58)])
      expect(told(await use(wrong))).toEqual([401, 'token_invalid'])
    expect((await use(token, `/people?access_token=${token}`, { authorization: 'Bearer' })).status).toBe(401)
  })

  it('needs no origin: no browser sends it by itself', async () => {
    const { token } = await withToken()
    expect((await use(token, '/people', { origin: 'https://elsewhere.example' })).status).toBe(200)
  })

  it('may do what its owner may at that moment, and ends when their rights change', async () => {
    const { account, token } = await withToken()
    await rooms.records.db.update(accounts).set({ role: 'staff' }).where(eq(accounts.id, account.id))
    expect(told(await use(token))).toEqual([403, 'not_allowed'])
    await rooms.records.db.update(accounts).set({ role: 'analyst' }).where(eq(accounts.id, account.id))
    const { browser: admin } = await rooms.signedIn('admin')
    expect((await fresh(rooms, admin, 'PATCH', `/accounts/${account.id}`, { team: 'other' })).status).toBe(200)
    expect(told(await use(token))).toEqual([401, 'token_invalid'])
  })

  it('ends with a freeze, and stays ended when that is lifted; with a closed account; with its time', async () => {
    const [frozen, closed, old] = [await withToken(), await withToken(), await withToken()]
    const freezes = rooms.app.get(FreezesService)
    const order = { account: frozen.account.id, reason: 'a test', by: 'system', until: new Date(Date.now() + 60_000) }
    await rooms.records.db.transaction((tx) => freezes.byHand(tx, order))
    expect(told(await use(frozen.token))).toEqual([423, 'account_frozen'])
    await rooms.records.db.transaction((tx) => freezes.lift(tx, frozen.account.id, 'system', 'over'))
    expect(told(await use(frozen.token))).toEqual([401, 'token_invalid'])
    await rooms.records.db.update(accounts).set({ status: 'disabled' }).where(eq(accounts.id, closed.account.id))
    expect(told(await use(closed.token))).toEqual([401, 'token_invalid'])
    await rooms.records.db.update(sessions).set({ expiresAt: new Date() }).where(eq(sessions.id, old.id))
    expect(told(await use(old.token))).toEqual([401, 'token_invalid'])
  })

  it('ends with its owner’s password: whoever had that may have made it', async () => {
    const { browser, token } = await withToken()
    const body = { current: testPassword, password: 'four quiet rivers meet' }
    expect((await fresh(rooms, browser, 'POST', '/me/password', body)).status).toBe(200)
    expect(told(await use(token))).toEqual([401, 'token_invalid'])
  })

  it('is revoked by its owner or an administrator, and by nobody else', async () => {
    const [one, two] = [await withToken(), await withToken()]
    const { browser: admin } = await rooms.signedIn('admin')
    expect((await two.browser.delete(`/me/tokens/${one.id}`)).status).toBe(404)
    expect((await two.browser.delete(`/tokens/${one.id}`)).status).toBe(403)
    expect((await use(one.token)).status).toBe(200)
    expect((await one.browser.delete(`/me/tokens/${one.id}`)).status).toBe(204)
    expect(told(await use(one.token))).toEqual([401, 'token_invalid'])
    const all = (await admin.get('/tokens')).body['items'] as { id: string; owner: { id: string } }[]
    expect(all.find(({ id }) => id === two.id)?.owner.id).toBe(two.account.id)
    const ended = await admin.delete(`/tokens/${two.id}`)
    expect(ended.status).toBe(204)
    expect(eventOf(await rooms.events(), ended)).toMatchObject({
      action: 'role_change',
      record_id: two.id,
      subject: two.account.id,
    })
    expect(told(await use(two.token))).toEqual([401, 'token_invalid'])
    // a browser's session is no token, and is not ended as one
    const session = (await rooms.records.db.select().from(sessions).where(eq(sessions.accountId, one.account.id))).find(
      ({ scopes }) => !scopes,
    )
    expect((await admin.delete(`/tokens/${session?.id}`)).status).toBe(404)
  })

  it('is no session: it is not listed as one, and outlives signing out elsewhere', async () => {
    const { browser, token } = await withToken()
    expect((await browser.get('/me/sessions')).body['items']).toHaveLength(1)
    await fresh(rooms, browser, 'POST', '/me/sessions/end-others')
    expect((await use(token)).status).toBe(200)
  })

  it('is slowed down alone', async () => {
    const [busy, other] = [await withToken(), await withToken()]
    const statuses: number[] = []
    for (let n = 0; n < 30; n++) statuses.push((await use(busy.token)).status)
    expect(statuses.slice(0, 25)).toEqual(Array.from({ length: 25 }, () => 200))
    const slow = await use(busy.token)
    expect(told(slow)).toEqual([429, 'too_many_attempts'])
    expect(Number(slow.headers['retry-after'])).toBeGreaterThan(0)
    expect((await use(other.token)).status).toBe(200)
  })
})
