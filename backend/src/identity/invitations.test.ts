import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { v7 as uuidv7 } from 'uuid'
import { AdminModule } from '../admin/admin.module.js'
import { accounts, invitations } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import { eventOf, type Browser } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'

const password = 'four quiet rivers meet'
let rooms: Rooms
let admin: Browser
beforeAll(async () => {
  rooms = await startRooms([ResponseModule, AdminModule])
  admin = (await rooms.signedIn('admin')).browser
})
afterAll(() => rooms.stop())

const tokenOf = (link: unknown) => String(link).split('#')[1] ?? ''
async function invited() {
  const body = { username: `in-${uuidv7()}`, display_name: '新人', role: 'staff' }
  const answer = await fresh(rooms, admin, 'POST', '/accounts', body)
  const { id, username, link } = answer.body as Record<string, string>
  return { answer, id: id ?? '', username: username ?? '', token: tokenOf(link) }
}
const invite = (id = '') => fresh(rooms, admin, 'POST', `/accounts/${id}/invitation`)
const accept = (token: string, chosen = password) =>
  rooms.browser().post('/invitations/accept', { token, password: chosen })

describe('an invitation', () => {
  it('says whom it is for, sets a password once, and leads to enrolment and nowhere else', async () => {
    const { id, username, token } = await invited()
    const looked = await rooms.browser().post('/invitations/look', { token })
    expect(looked).toMatchObject({ status: 200, body: { username, display_name: '新人' } })
    const hours = (Date.parse(String(looked.body['expires_at'])) - Date.now()) / 3_600_000
    expect(Math.round(hours)).toBe(24)

    const browser = rooms.browser()
    const taken = await browser.post('/invitations/accept', { token, password })
    expect(taken).toMatchObject({ status: 200, body: { next: 'enrol', factors: [] } })
    const event = eventOf(await rooms.events(), taken)
    expect(event).toMatchObject({ action: 'factor_change', outcome: 'granted', factor: 'invitation', subject: id })
    for (const path of ['/me/sessions', '/customers', '/people'])
      expect((await browser.get(path)).body['code']).toMatch(/^(enrolment_required|not_found)$/)
    expect(await browser.post('/me/recovery-codes')).toMatchObject({ body: { code: 'enrolment_required' } })

    const { body } = await browser.post('/me/totp')
    const done = await browser.post('/me/totp/confirm', { code: generateSync({ secret: String(body['secret']) }) })
    expect(done.body).toMatchObject({ next: 'done' })
    expect(done.body['recovery_codes']).toHaveLength(10)
    expect((await browser.get('/me/sessions')).status).toBe(200)
  })

  it('keeps only a hash of its secret, which no event tells', async () => {
    const { answer, id, token } = await invited()
    const [row] = await rooms.records.db.select().from(invitations).where(eq(invitations.accountId, id))
    expect(row?.tokenHash).toHaveLength(32)
    expect(JSON.stringify([row, await rooms.events()])).not.toContain(token)
    expect(eventOf(await rooms.events(), answer)).toMatchObject({ action: 'role_change', subject: id })
  })

  it('works once, whoever comes second', async () => {
    const { token } = await invited()
    const answers = await Promise.all([1, 2, 3].map(() => accept(token)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410])
  })

  it('gives one answer for used, revoked, replaced, over and never issued', async () => {
    const [used, revoked, replaced, over, closed] = await Promise.all([1, 2, 3, 4, 5].map(invited))
    await accept(used?.token ?? '')
    const revocation = await admin.delete(`/accounts/${revoked?.id}/invitation`)
    expect(revocation.status).toBe(204)
    expect(eventOf(await rooms.events(), revocation)).toMatchObject({ reason: 'revoked', subject: revoked?.id })
    const again = await invite(replaced?.id)
    await rooms.records.db
      .update(invitations)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(invitations.accountId, over?.id ?? ''))
    await fresh(rooms, admin, 'PATCH', `/accounts/${closed?.id}`, { status: 'disabled' })
    const tokens = [used, revoked, replaced, over, closed].map((person) => person?.token ?? '')
    for (const token of [...tokens, 'A'.repeat(43)])
      for (const route of ['look', 'accept']) {
        const answer = await rooms.browser(`10.2.${tokens.indexOf(token) + 1}.1`).post(`/invitations/${route}`, {
          token,
          ...(route === 'accept' ? { password } : {}),
        })
        expect({ ...answer.body, request_id: '' }).toEqual({
          type: 'urn:custodia:problem:invitation_invalid',
          title: expect.any(String),
          detail: expect.any(String),
          status: 410,
          code: 'invitation_invalid',
          request_id: '',
        })
      }
    expect((await accept(tokenOf(again.body['link']))).status).toBe(200)
  })

  it('is not used up by a password that is refused', async () => {
    const { token } = await invited()
    expect(await accept(token, 'qwerty123456')).toMatchObject({ status: 422, body: { code: 'password_known' } })
    expect((await accept(token)).status).toBe(200)
  })

  it('is not issued for somebody who has a password, nor by anybody but an administrator', async () => {
    const { id, token } = await invited()
    const clerk = await rooms.signedIn('staff')
    expect((await clerk.browser.post(`/accounts/${id}/invitation`)).status).toBe(403)
    await accept(token)
    expect((await invite(id)).status).toBe(409)
    expect((await admin.delete(`/accounts/${id}/invitation`)).status).toBe(404)
  })

  it('lets nobody in by password before it is used', async () => {
    const { username } = await invited()
    const answer = await rooms.browser('10.3.3.3').post('/auth/password', { username, password })
    expect(answer).toMatchObject({ status: 401, body: { code: 'bad_credentials' } })
    const [account] = await rooms.records.db.select().from(accounts).where(eq(accounts.username, username))
    expect(account?.passwordHash).toBeNull()
  })
})
