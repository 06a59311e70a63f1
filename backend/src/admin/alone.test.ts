import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Account } from '../identity/account.js'
import { NoticesModule } from '../notices/notices.module.js'
import { ProvisioningModule } from '../provisioning/provisioning.module.js'
import { accounts, freezes } from '../record-store/schema.js'
import { RecoveryModule } from '../recovery/recovery.module.js'
import { ResponseModule } from '../response/response.module.js'
import { eventOf, type Answer, type Browser } from '../testing/browser.js'
import { fresh, giveProof } from '../testing/proof.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { AdminModule } from './admin.module.js'

interface Signed {
  account: Account
  browser: Browser
}

/** Nobody answers there; that the door is set up is what counts. */
const provider = {
  CUSTODIA_OIDC_ISSUER: 'http://127.0.0.1:9',
  CUSTODIA_OIDC_CLIENT_ID: 'custodia',
  CUSTODIA_OIDC_CLIENT_SECRET: 'a secret of some length',
}
const reason = 'as they say'

describe('one administrator alone', () => {
  let rooms: Rooms
  let admin: Signed
  let analyst: Signed
  beforeAll(async () => {
    rooms = await startRooms(
      [ResponseModule, NoticesModule, AdminModule, RecoveryModule, ProvisioningModule],
      undefined,
      provider,
    )
    analyst = await rooms.signedIn('analyst')
  })
  afterAll(() => rooms?.stop())
  beforeEach(async () => {
    await rooms.records.db.update(accounts).set({ role: 'auditor' }).where(eq(accounts.role, 'admin'))
    admin = await rooms.signedIn('admin')
  })

  const codeOf = ({ status, body }: Answer) => [status, body['code']]
  const path = ({ account }: { account: { id: string } }) => `/accounts/${account.id}`
  const patch = (whom: Signed, body: object, by = admin) => fresh(rooms, by.browser, 'PATCH', path(whom), body)
  const write = ({ account }: Signed, set: Partial<Account>) =>
    rooms.records.db.update(accounts).set(set).where(eq(accounts.id, account.id))

  const scimToken = async ({ browser }: Signed) => {
    const body = { name: 'personnel', scopes: ['scim'], days: 9 }
    return String((await fresh(rooms, browser, 'POST', '/me/tokens', body)).body['token'])
  }

  describe('does not become somebody else', () => {
    it('by another door and back: nobody who has come in gets a link; two administrators reset them', async () => {
      const [clerk, other] = [await rooms.signedIn('staff'), await rooms.signedIn('admin')]
      expect((await patch(clerk, { door: 'oidc', reason })).status).toBe(200)
      expect((await clerk.browser.get('/me')).status).toBe(401)
      const back = await patch(clerk, { door: 'password', reason })
      expect(back).toMatchObject({ status: 200, body: { door: 'password', factors: ['totp'] } })
      expect(back.body['invited']).toBeUndefined()
      expect(codeOf(await fresh(rooms, admin.browser, 'POST', `${path(clerk)}/invitation`))).toEqual([409, 'conflict'])
      const asked = await admin.browser.post(`${path(clerk)}/recovery`, { reason })
      expect(asked.status).toBe(200)
      const approve = (by: Browser) =>
        fresh(rooms, by, 'POST', `/recoveries/${String(asked.body['id'])}/approve`, { told: 'face to face' })
      expect(codeOf(await approve(admin.browser))).toEqual([409, 'second_person_required'])
      expect((await approve(other.browser)).status).toBe(200)
    })

    it('by a door where they have proven everything there, either', async () => {
      const clerk = await rooms.signedIn('staff')
      await write(clerk, {
        door: 'oidc',
        passwordHash: null,
        totpConfirmed: false,
        doorSubject: 'x',
        vouchedAt: new Date(),
      })
      await patch(clerk, { door: 'password', reason })
      expect(codeOf(await fresh(rooms, admin.browser, 'POST', `${path(clerk)}/invitation`))).toEqual([409, 'conflict'])
    })

    it('by a link that was issued before the person came by another door', async () => {
      const body = { username: `in-${uuidv7()}`, display_name: 'In', role: 'staff' }
      const made = await fresh(rooms, admin.browser, 'POST', '/accounts', body)
      const token = String(made.body['link']).split('#')[1]
      const account = { id: String(made.body['id']) } as Account
      for (const door of ['oidc', 'password']) await patch({ account, browser: admin.browser }, { door, reason })
      expect(codeOf(await rooms.browser().post('/invitations/accept', { token, password: testPassword }))).toEqual([
        410,
        'invitation_invalid',
      ])
    })

    it('by a door that nobody has set up', async () => {
      const clerk = await rooms.signedIn('staff')
      expect(codeOf(await patch(clerk, { door: 'ldap', reason }))).toEqual([409, 'conflict'])
      const body = { username: `in-${uuidv7()}`, display_name: 'In', role: 'staff', door: 'ldap' }
      expect(codeOf(await fresh(rooms, admin.browser, 'POST', '/accounts', body))).toEqual([409, 'conflict'])
      expect((await clerk.browser.get('/me')).status).toBe(200)
    })

    it('without a reason and a fresh proof for the door and the address', async () => {
      const clerk = await rooms.signedIn('staff')
      for (const body of [{ door: 'oidc' }, { email: 'mallory@example.com' }, { email: null }]) {
        expect(codeOf(await admin.browser.patch(path(clerk), { ...body, reason }))).toEqual([403, 'step_up_required'])
        expect(codeOf(await patch(clerk, body))).toEqual([400, 'invalid_input'])
      }
      const done = await patch(clerk, { email: 'clerk@example.com', reason })
      expect(eventOf(await rooms.events(), done)).toMatchObject({
        reason,
        fields: ['email'],
        subject: clerk.account.id,
      })
    })
  })

  describe('at a desk that somebody left open', () => {
    /** Every right, one by one. */
    const rights: object[] = [
      { role: 'manager' },
      { status: 'disabled' },
      { team: 'other' },
      { branch: 'other' },
      { manager: null },
      { break_glass: true },
    ]
    it.each(rights)('gives and takes nothing without a fresh proof: %j', async (body) => {
      const clerk = await rooms.signedIn('staff')
      expect(codeOf(await admin.browser.patch(path(clerk), body))).toEqual([403, 'step_up_required'])
      expect(codeOf(await admin.browser.patch(path(clerk), { display_name: 'New', ...body }))).toEqual([
        403,
        'step_up_required',
      ])
      expect((await clerk.browser.get('/me')).status).toBe(200)
      const [left] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, clerk.account.id))
      expect(left).toMatchObject({ role: 'staff', status: 'active', team: clerk.account.team, breakGlass: false })
      expect((await patch(clerk, body)).status).toBe(200)
    })

    it('makes nobody and hands out no link without one; a name is free', async () => {
      const body = { username: `in-${uuidv7()}`, display_name: 'In', role: 'staff' }
      expect(codeOf(await admin.browser.post('/accounts', body))).toEqual([403, 'step_up_required'])
      const made = await fresh(rooms, admin.browser, 'POST', '/accounts', body)
      expect(made.status).toBe(200)
      const invitation = `/accounts/${String(made.body['id'])}/invitation`
      expect(codeOf(await admin.browser.post(invitation))).toEqual([403, 'step_up_required'])
      expect((await fresh(rooms, admin.browser, 'POST', invitation)).status).toBe(200)
      const clerk = await rooms.signedIn('staff')
      expect((await admin.browser.patch(path(clerk), { display_name: 'New' })).status).toBe(200)
    })

    it('does with a proof what it was given for, once: not to somebody else, not another right', async () => {
      const [clerk, other] = [await rooms.signedIn('staff'), await rooms.signedIn('staff')]
      const send = (whom: Signed, body: object, proof = {}) =>
        admin.browser.send('PATCH', `/api/v1${path(whom)}`, body, proof)
      const proof = await giveProof(rooms, (await send(clerk, { team: 'other' })).body)
      for (const attempt of [
        () => send(other, { team: 'other' }, proof),
        () => send(clerk, { team: 'other', role: 'manager' }, proof),
      ])
        expect(codeOf(await attempt())).toEqual([403, 'step_up_required'])
      expect((await send(clerk, { team: 'other' }, proof)).status).toBe(200)
      expect(codeOf(await send(clerk, { team: 'other' }, proof))).toEqual([403, 'step_up_required'])
    })
  })

  describe('stays, while nobody else can come in', () => {
    const others: [string, (other: Signed) => Promise<unknown>][] = [
      ['was invited and never came', (other) => write(other, { passwordHash: null, totpConfirmed: false })],
      ['set a password and never enrolled', (other) => write(other, { totpConfirmed: false })],
      ['is behind a door that is not set up', (other) => write(other, { door: 'ldap', doorSubject: 'x' })],
      ['is behind a door they never came by', (other) => write(other, { door: 'oidc', passwordHash: null })],
      ['is closed', (other) => write(other, { status: 'disabled' })],
      ['is frozen', (other) => write(other, { frozenUntil: new Date(Date.now() + 600_000) })],
      ['goes with the demo data', (other) => write(other, { demo: true })],
    ]
    it.each(others)('although there is one who %s', async (_, become) => {
      const other = await rooms.signedIn('admin')
      await become(other)
      const freeze = await analyst.browser.post(`/people/${admin.account.id}/freeze`, { reason, minutes: 30 })
      expect(codeOf(freeze)).toEqual([409, 'last_administrator'])
      const headers = { authorization: `Bearer ${await scimToken(admin)}` }
      const user = `/api/v1/scim/v2/Users/${admin.account.id}`
      expect((await rooms.browser().send('DELETE', user, undefined, headers)).status).toBe(409)
      expect((await admin.browser.get('/me')).status).toBe(200)
    })
  })

  it('does not open another administrator again through the personnel system', async () => {
    const other = await rooms.signedIn('admin')
    await write(other, { status: 'disabled' })
    const headers = { authorization: `Bearer ${await scimToken(admin)}` }
    const user = `/api/v1/scim/v2/Users/${other.account.id}`
    const operation = { op: 'replace', path: 'active', value: true }
    const patchOp = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] }
    expect((await rooms.browser().send('PATCH', user, patchOp, headers)).status).toBe(409)
    const [left] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, other.account.id))
    expect(left?.status).toBe('disabled')
  })

  describe('with the sealed code', () => {
    const print = async (by = admin) => String((await fresh(rooms, by.browser, 'POST', '/sealed-code')).body['code'])
    const useFor = (whom: Signed, code: string) =>
      rooms
        .browser()
        .post('/auth/sealed-code', { username: whom.account.username, code, password: 'four quiet rivers meet' })

    it('does not come in as another one, whose factors stay', async () => {
      const other = await rooms.signedIn('admin')
      const code = await print()
      expect(codeOf(await useFor(other, code))).toEqual([409, 'administrator_present'])
      expect((await other.browser.get('/me')).status).toBe(200)
      await write(other, { status: 'disabled' })
      expect(codeOf(await useFor(other, code))).toEqual([409, 'administrator_present'])
    })

    it('of the demo data comes in as nobody else', async () => {
      const demo = await rooms.signedIn('admin')
      await write(demo, { demo: true })
      expect(codeOf(await fresh(rooms, demo.browser, 'POST', '/sealed-code'))).toEqual([409, 'conflict'])
      expect((await demo.browser.get('/sealed-code')).body).toMatchObject({ not_yours: true })
      expect((await admin.browser.get('/sealed-code')).body['not_yours']).toBeUndefined()
      await write(admin, { demo: true })
      const code = await print(demo)
      await write(admin, { demo: false })
      expect(codeOf(await useFor(admin, code))).toEqual([401, 'bad_credentials'])
      expect((await admin.browser.get('/me')).status).toBe(200)
    })

    const shut: [string, (whom: Signed) => Promise<unknown>][] = [
      ['open', () => Promise.resolve()],
      ['closed', (whom) => write(whom, { status: 'disabled' })],
      ['frozen', (whom) => freeze(whom)],
    ]
    it.each(shut)('comes in where no other administrator can, whether the account is %s or not', async (_, shutOut) => {
      const other = await rooms.signedIn('admin')
      const code = await print()
      const use = () => useFor(admin, code)
      await shutOut(admin)
      expect(codeOf(await use())).toEqual([409, 'administrator_present'])
      await write(other, { totpConfirmed: false })
      expect(await use()).toMatchObject({ status: 200, body: { next: 'enrol' } })
      const [left] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, admin.account.id))
      expect(left).toMatchObject({ status: 'active', freezeId: null, frozenUntil: null })
    })

    const freeze = async ({ account }: Signed) => {
      const [id, until] = [uuidv7(), new Date(Date.now() + 600_000)]
      await rooms.records.db.insert(freezes).values({ id, accountId: account.id, reason, by: 'system', until })
      await rooms.records.db
        .update(accounts)
        .set({ freezeId: id, frozenUntil: until })
        .where(eq(accounts.id, account.id))
    }
  })
})
