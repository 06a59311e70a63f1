import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Role } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { accounts, staffTraits } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import { eventOf, type Browser } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { startRooms, testPassword as password, type Rooms } from '../testing/start-rooms.js'
import { AdminModule } from './admin.module.js'

let rooms: Rooms
beforeAll(async () => (rooms = await startRooms([ResponseModule, AdminModule])))
afterAll(() => rooms.stop())

const stateOf = async (browser: Browser) => (await browser.get('/me')).status

/** Only these are administrators afterwards. */
async function demoteOthers(ids: string[]) {
  const admins = await rooms.records.db.select().from(accounts).where(eq(accounts.role, 'admin'))
  for (const { id } of admins.filter((admin) => !ids.includes(admin.id)))
    await rooms.records.db.update(accounts).set({ role: 'auditor' }).where(eq(accounts.id, id))
}

describe('accounts', () => {
  it('asks a person in, who sets a password with the link and must enrol', async () => {
    const { browser } = await rooms.signedIn('admin')
    const username = `ｎｅｗ-${uuidv7()}`
    const body = { username, display_name: '新人', role: 'staff', team: 'service', branch: 'shanghai' }
    const answer = await fresh(rooms, browser, 'POST', '/accounts', body)
    expect(answer).toMatchObject({ status: 200, body: { role: 'staff', status: 'active', factors: [] } })
    expect(JSON.stringify(answer.body)).not.toContain('argon2')
    const event = eventOf(await rooms.events(), answer)
    expect(event).toMatchObject({ action: 'role_change', outcome: 'granted', subject: answer.body['id'] })
    expect(JSON.stringify(event)).not.toContain('新人')
    const token = String(answer.body['link']).split('#')[1]
    expect(JSON.stringify(await rooms.events())).not.toContain(token)
    expect((await rooms.browser().post('/invitations/accept', { token, password })).status).toBe(200)
    const newcomer = await rooms.browser().post('/auth/password', { username: username.normalize('NFKC'), password })
    expect(newcomer.body).toEqual({ next: 'enrol', factors: [] })
    expect(
      await fresh(rooms, browser, 'POST', '/accounts', { ...body, username: username.toUpperCase() }),
    ).toMatchObject({
      status: 409,
    })
  })

  it('is told what a person’s relatives are known by, keeps hashes of it, and says only whether it knows', async () => {
    const [{ browser }, clerk] = [await rooms.signedIn('admin'), await rooms.signedIn('staff')]
    const path = `/accounts/${clerk.account.id}`
    const traits = {
      phones: ['13912345678'],
      addresses: ['成都市锦江区春熙路 8 号 5 栋 502'],
      id_number: '11010519491231002X',
    }
    const told = await fresh(rooms, browser, 'PATCH', path, { traits })
    expect(told).toMatchObject({ status: 200, body: { known_by: ['address', 'id_number', 'phone'] } })
    const event = eventOf(await rooms.events(), told)
    expect(event).toMatchObject({ action: 'role_change', fields: ['id_number', 'phone', 'address'] })
    for (const value of Object.values(traits).flat())
      expect(JSON.stringify([told.body, event, await rooms.records.db.select().from(staffTraits)])).not.toContain(value)
    expect(await stateOf(clerk.browser)).toBe(200) // nothing of their rights has changed
    expect((await fresh(rooms, browser, 'PATCH', path, { display_name: '王某' })).body).toMatchObject({
      known_by: ['address', 'id_number', 'phone'],
    })
    const forgotten = await fresh(rooms, browser, 'PATCH', path, { traits: { phones: [], id_number: '' } })
    expect(forgotten.body).toMatchObject({ known_by: ['address'] })
    expect(await fresh(rooms, browser, 'PATCH', path, { traits: { id_number: '110105194912310021' } })).toMatchObject({
      status: 400,
    })
  })

  it.each<Role>(['staff', 'manager', 'analyst', 'auditor'])(
    'does nothing for the role %s, and writes that down',
    async (role) => {
      const [{ browser, account }, victim] = [await rooms.signedIn(role), await rooms.signedIn('staff')]
      const answer = await fresh(rooms, browser, 'PATCH', `/accounts/${victim.account.id}`, { role: 'admin' })
      expect(answer).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
      expect(eventOf(await rooms.events(), answer)).toMatchObject({ outcome: 'refused', actor: account.id })
    },
  )

  it('ends the sessions of a person whose rights change, and not for a new name', async () => {
    const [{ browser }, clerk] = [await rooms.signedIn('admin'), await rooms.signedIn('staff')]
    expect(
      (await fresh(rooms, browser, 'PATCH', `/accounts/${clerk.account.id}`, { display_name: 'New' })).status,
    ).toBe(200)
    expect(await stateOf(clerk.browser)).toBe(200)
    const answer = await fresh(rooms, browser, 'PATCH', `/accounts/${clerk.account.id}`, {
      role: 'manager',
      branch: 'beijing',
    })
    expect(answer.body).toMatchObject({ role: 'manager', branch: 'beijing', display_name: 'New' })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      fields: ['role', 'branch'],
      subject: clerk.account.id,
    })
    expect(await stateOf(clerk.browser)).toBe(401)
  })

  it('ends sessions now, on request', async () => {
    const [{ browser }, clerk] = [await rooms.signedIn('admin'), await rooms.signedIn('staff')]
    const answer = await browser.post(`/accounts/${clerk.account.id}/revoke-sessions`)
    expect(answer.status).toBe(204)
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      action: 'sign_out',
      subject: clerk.account.id,
      count: 1,
    })
    expect(await stateOf(clerk.browser)).toBe(401)
  })

  it('lets a disabled person neither stay nor come back', async () => {
    const [{ browser }, clerk] = [await rooms.signedIn('admin'), await rooms.signedIn('staff')]
    await fresh(rooms, browser, 'PATCH', `/accounts/${clerk.account.id}`, { status: 'disabled' })
    expect(await stateOf(clerk.browser)).toBe(401)
    const again = await rooms.browser().post('/auth/password', { username: clerk.account.username, password })
    expect(again.body['code']).toBe('account_disabled')
  })

  it('does not let administrators change their own rights, only their name', async () => {
    const [{ browser, account }] = [await rooms.signedIn('admin'), await rooms.signedIn('admin')]
    for (const change of [{ role: 'staff' }, { status: 'disabled' }])
      expect(await fresh(rooms, browser, 'PATCH', `/accounts/${account.id}`, change)).toMatchObject({
        status: 403,
        body: { code: 'own_account' },
      })
    expect((await fresh(rooms, browser, 'PATCH', `/accounts/${account.id}`, { display_name: 'Me' })).status).toBe(200)
  })

  it('keeps one administrator when two demote each other at the same time', async () => {
    const [a, b] = [await rooms.signedIn('admin'), await rooms.signedIn('admin')]
    await demoteOthers([a.account.id, b.account.id])
    // Whoever comes second may be refused, or be cut off by the end of their session.
    const answers = await Promise.allSettled([
      fresh(rooms, a.browser, 'PATCH', `/accounts/${b.account.id}`, { role: 'staff' }),
      fresh(rooms, b.browser, 'PATCH', `/accounts/${a.account.id}`, { role: 'staff' }),
    ])
    const done = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 200)
    expect(done).toHaveLength(1)
    const left = await rooms.records.db.select().from(accounts).where(eq(accounts.role, 'admin'))
    expect(left).toHaveLength(1)
  })

  it.each([{ role: 'emperor' }, { status: 'gone' }, { display_name: '' }])(
    'refuses %j with the field that is wrong',
    async (body) => {
      const [{ browser }, clerk] = [await rooms.signedIn('admin'), await rooms.signedIn('staff')]
      const answer = await fresh(rooms, browser, 'PATCH', `/accounts/${clerk.account.id}`, body)
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', errors: [{ path: `body.${Object.keys(body)[0]}` }] },
      })
    },
  )
})
