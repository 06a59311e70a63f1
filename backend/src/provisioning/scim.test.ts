import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { AdminModule } from '../admin/admin.module.js'
import { accounts, staffTraits } from '../record-store/schema.js'
import { FreezesService } from '../response/freezes.service.js'
import { ResponseModule } from '../response/response.module.js'
import { eventOf, type Answer } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { raisedAlerts } from '../testing/raised-alerts.js'
import { until } from '../testing/settled.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { ProvisioningModule } from './provisioning.module.js'
import { enterpriseSchema, userSchema } from './scim-user.js'

let rooms: Rooms
let token: string
let adminId: string
beforeAll(async () => {
  // More leavers than a house has: the brake has tests of its own.
  const env = { CUSTODIA_LEAVERS_PER_HOUR: '1000', CUSTODIA_LEAVERS_SHARE: '100' }
  rooms = await startRooms([ResponseModule, AdminModule, ProvisioningModule], undefined, env)
  const { account, browser } = await rooms.signedIn('admin')
  await rooms.signedIn('admin') // another, who stays
  adminId = account.id
  const made = await fresh(rooms, browser, 'POST', '/me/tokens', { name: 'Entra ID', scopes: ['scim'], days: 90 })
  token = String(made.body['token'])
})
afterAll(() => rooms.stop())

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** As provisioning services do: no cookies, their own content type, lower-case scheme or not. */
const scim = (
  method: Method,
  path: string,
  body?: unknown,
  type = 'application/scim+json',
  by = token,
): Promise<Answer> =>
  rooms.browser().send(method, `/api/v1/scim/v2${path}`, body === undefined ? undefined : JSON.stringify(body), {
    authorization: `Bearer ${by}`,
    ...(body === undefined ? {} : { 'content-type': type }),
  })
const patchOf = (Operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
})
const patch = (id: string, Operations: unknown[]) => scim('PATCH', `/Users/${id}`, patchOf(Operations))
const accountOf = async (id: string) => (await rooms.records.db.select().from(accounts).where(eq(accounts.id, id)))[0]
const newUser = async (over: Record<string, unknown> = {}) => {
  const userName = `u-${uuidv7().slice(-12)}@example.com`
  const { body } = await scim('POST', '/Users', { schemas: [userSchema], userName, active: true, ...over })
  return { id: String(body['id']), userName }
}

describe('what Entra ID sends', () => {
  it('tests the connection, looks for somebody, makes them, and finds them again', async () => {
    const nobody = await scim('GET', `/Users?filter=userName+eq+%22${uuidv7()}%22`)
    expect(nobody).toMatchObject({ status: 200, body: { totalResults: 0, Resources: [] } })
    expect(nobody.headers['content-type']).toMatch(/^application\/scim\+json/)
    const made = await scim('POST', '/Users', {
      schemas: [userSchema, enterpriseSchema],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: 'Test_User_ab6490ee@testuser.com',
      active: true,
      displayName: 'lennay',
      emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b@testuser.com' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [{ primary: 'True', value: 'manager' }],
      [enterpriseSchema]: { department: 'service', division: 'shanghai' },
    })
    expect(made.status).toBe(201)
    const id = String(made.body['id'])
    expect(await accountOf(id)).toMatchObject({
      role: 'manager',
      team: 'service',
      branch: 'shanghai',
      passwordHash: null,
    })
    expect(eventOf(await rooms.events(), made)).toMatchObject({ action: 'role_change', subject: id, factor: 'token' })
    for (const filter of [
      'userName eq "test_user_AB6490EE@testuser.com"',
      'externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"',
    ]) {
      const found = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)
      expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id, displayName: 'lennay', active: true }] })
    }
    const again = await scim('POST', '/Users', { schemas: [userSchema], userName: 'test_user_ab6490ee@testuser.com' })
    expect(again).toMatchObject({ status: 409, body: { scimType: 'uniqueness', status: '409' } })
  })

  it('changes attributes in its own ways, and disables with words', async () => {
    const { id } = await newUser()
    const changed = await patch(id, [
      { op: 'Replace', path: 'displayName', value: 'New Name' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'x@example.com' },
      { op: 'Add', path: `${enterpriseSchema}:department`, value: 'loans' },
      { op: 'Add', path: 'roles[primary eq "True"].value', value: 'analyst' },
    ])
    expect(changed.status).toBe(200)
    expect(await accountOf(id)).toMatchObject({ displayName: 'New Name', team: 'loans', role: 'analyst' })
    const left = await patch(id, [{ op: 'Replace', path: 'active', value: 'False' }])
    expect(left).toMatchObject({ status: 200, body: { active: false } })
    expect((await accountOf(id))?.status).toBe('disabled')
    expect((await patch(id, [{ op: 'Replace', path: 'active', value: 'no' }])).status).toBe(400)
    expect((await patch(id, [{ op: 'Replace', path: 'active', value: 'True' }])).body['active']).toBe(true)
    expect((await accountOf(id))?.frozenUntil).toBeNull()
  })
})

describe('what Okta sends', () => {
  it('looks, makes, reads, replaces, and deactivates without a path', async () => {
    const userName = `okta-${uuidv7().slice(-8)}@example.com`
    const looked = await scim(
      'GET',
      `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}&startIndex=1&count=100`,
    )
    expect(looked.body).toMatchObject({ totalResults: 0, startIndex: 1 })
    const user = { schemas: [userSchema], userName, name: { givenName: 'Test', familyName: 'User' }, locale: 'en-US' }
    const made = await scim('POST', '/Users', {
      ...user,
      externalId: uuidv7(),
      groups: [],
      password: '1mz050nq',
      active: true,
    })
    const id = String(made.body['id'])
    expect([made.status, made.text.includes('1mz050nq')]).toEqual([201, false])
    expect(await accountOf(id)).toMatchObject({ displayName: 'Test User', role: 'staff', passwordHash: null })
    expect((await scim('GET', `/Users/${id}`)).body['userName']).toBe(userName)
    const replaced = await scim('PUT', `/Users/${id}`, {
      ...user,
      id,
      name: { givenName: 'Another', familyName: 'User' },
      active: true,
    })
    expect(replaced.body['displayName']).toBe('Another User')
    const off = await patch(id, [{ op: 'replace', value: { active: false } }])
    expect(off.body['active']).toBe(false)
    expect((await scim('PUT', `/Users/${id}`, { ...user, active: false })).body['active']).toBe(false)
  })
})

describe('a leaver', () => {
  it.each(['active:false', 'DELETE'])(
    'is frozen at once by %s: session and tokens end, and the log says so',
    async (how) => {
      const { account, browser } = await rooms.signedIn('staff')
      const made = await fresh(rooms, browser, 'POST', '/me/tokens', {
        name: 'x',
        scopes: ['customer.search'],
        days: 1,
      })
      const answer =
        how === 'DELETE'
          ? await scim('DELETE', `/Users/${account.id}`)
          : await patch(account.id, [{ op: 'replace', value: { active: false } }])
      expect(answer.status).toBe(how === 'DELETE' ? 204 : 200)
      expect([401, 423]).toContain((await browser.get('/me')).status)
      const held = { authorization: `Bearer ${String(made.body['token'])}` }
      expect([401, 423]).toContain((await rooms.browser().send('GET', '/api/v1/me/tokens', undefined, held)).status)
      const about = (await rooms.events()).filter(({ subject }) => subject === account.id)
      expect(about.map(({ action }) => action)).toEqual(expect.arrayContaining(['freeze', 'role_change']))
      expect(eventOf(await rooms.events(), answer)).toMatchObject({ reason: 'left', outcome: 'granted' })
      expect((await accountOf(account.id))?.frozenUntil?.getTime()).toBeGreaterThan(Date.now()) // the desk sees it
    },
  )

  it.each(['active:false', 'DELETE'])(
    'who owns the token that says so, by %s, is closed: it hears that it is done, and is dead',
    async (how) => {
      const { account, browser } = await rooms.signedIn('admin')
      const body = { name: 'own', scopes: ['scim'], days: 1 }
      const own = String((await fresh(rooms, browser, 'POST', '/me/tokens', body)).body['token'])
      const path = `/Users/${account.id}`
      const answer =
        how === 'DELETE'
          ? await scim('DELETE', path, undefined, undefined, own)
          : await scim('PATCH', path, patchOf([{ op: 'replace', value: { active: false } }]), undefined, own)
      expect(answer.status).toBe(how === 'DELETE' ? 204 : 200)
      expect((await accountOf(account.id))?.status).toBe('disabled')
      expect(eventOf(await rooms.events(), answer)).toMatchObject({ reason: 'left', outcome: 'granted' })
      expect([401, 423]).toContain((await scim('GET', '/Users', undefined, undefined, own)).status)
      // one fewer who could say no to a change of power: the others hear by whom
      const loud = await until(() => alertAbout(rooms, account.id))
      expect(loud).toMatchObject({ rule: 'power-change', title: 'An administrator or analyst was taken out' })
      expect(loud.text.en).toContain('with the API token “own” of admin')
    },
  )

  it.each([
    ['role', { op: 'replace', path: 'roles', value: [{ value: 'analyst' }] }],
    ['team', { op: 'replace', path: `${enterpriseSchema}:department`, value: 'loans' }],
  ])('or somebody whose %s changes has no session and no token left; the change is an event', async (field, change) => {
    const { account, browser } = await rooms.signedIn('staff')
    const body = { name: 'x', scopes: ['customer.search'], days: 1 }
    const made = await fresh(rooms, browser, 'POST', '/me/tokens', body)
    const answer = await patch(account.id, [change])
    expect(answer.status).toBe(200)
    expect((await browser.get('/me')).status).toBe(401)
    const held = { authorization: `Bearer ${String(made.body['token'])}` }
    expect((await rooms.browser().send('GET', '/api/v1/me/tokens', undefined, held)).status).toBe(401)
    const event = eventOf(await rooms.events(), answer)
    expect(event).toMatchObject({ action: 'role_change', outcome: 'granted', subject: account.id, actor: adminId })
    expect(event?.fields).toContain(field)
  })

  it('who comes back is let in again, unless a colleague or a rule froze them', async () => {
    const { id } = await newUser()
    const freezes = rooms.app.get(FreezesService)
    const order = { account: id, reason: 'looked at too much', by: adminId, until: new Date(Date.now() + 3_600_000) }
    await rooms.records.db.transaction((tx) => freezes.byHand(tx, order))
    await patch(id, [{ op: 'replace', value: { active: false } }])
    await patch(id, [{ op: 'replace', value: { active: true } }])
    const account = await accountOf(id)
    expect(account?.status).toBe('active')
    expect(account?.frozenUntil?.getTime()).toBeGreaterThan(Date.now())
  })
})

describe('what nobody gets by SCIM', () => {
  it('an administrator, another’s role, or a sealed account', async () => {
    const made = await scim('POST', '/Users', { userName: 'evil', roles: [{ value: 'admin' }] })
    expect(made).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } })
    const { account: other } = await rooms.signedIn('admin')
    await patch(other.id, [{ op: 'replace', path: 'roles', value: [{ value: 'staff' }] }])
    expect((await accountOf(other.id))?.role).toBe('admin')
    const { account: sealed } = await rooms.signedIn('admin')
    await rooms.records.db.update(accounts).set({ breakGlass: true }).where(eq(accounts.id, sealed.id))
    for (const method of ['GET', 'DELETE'] as const)
      expect((await scim(method, `/Users/${sealed.id}`)).status).toBe(404)
  })

  it('more than they asked for by a filter that does not say it', async () => {
    for (const filter of [
      'userName co "a"',
      'userName eq "a" or active eq true',
      'userName eq "a\' or 1=1 --',
      'x eq "1"',
      '',
    ])
      expect(await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)).toMatchObject({
        status: 400,
        body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], scimType: 'invalidFilter' },
      })
    const quoted = await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "a' or '1'='1"`)}`)
    expect(quoted.body['totalResults']).toBe(0)
  })

  it('prototypes, by path or by key', async () => {
    const { id } = await newUser()
    await patch(id, [
      { op: 'add', path: '__proto__.polluted', value: true },
      { op: 'add', path: 'constructor.prototype.polluted', value: true },
      { op: 'add', value: { 'name.__proto__.polluted': true, passwordHash: 'x', breakGlass: true } },
    ])
    expect('polluted' in {}).toBe(false)
    expect(await accountOf(id)).toMatchObject({ passwordHash: null, breakGlass: false })
  })

  it('anything without the scope, by a cookie, or in another shape', async () => {
    const { browser } = await rooms.signedIn('admin')
    expect((await browser.get('/scim/v2/Users')).status).toBe(401)
    const made = await fresh(rooms, browser, 'POST', '/me/tokens', { name: 'x', scopes: ['person.read'], days: 1 })
    const other = { authorization: `Bearer ${String(made.body['token'])}` }
    expect(await rooms.browser().send('GET', '/api/v1/scim/v2/Users', undefined, other)).toMatchObject({
      status: 403,
      body: { status: '403', schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] },
    })
    expect((await scim('GET', '/Groups')).body).toMatchObject({ status: '404' })
    expect((await scim('PATCH', `/Users/${adminId}`, { Operations: 'x' })).status).toBe(400)
  })
})

describe('private numbers and addresses', () => {
  const traitsOf = async (id: string) => {
    const rows = await rooms.records.db.select().from(staffTraits).where(eq(staffTraits.accountId, id))
    return rows.map(({ field }) => field).sort()
  }

  it('are hashed, those of the house passed over, and never given back', async () => {
    const phoneNumbers = [
      { type: 'work', value: '+86 21 5555 0000' },
      { type: 'mobile', value: '+86 138 0013 8000' },
    ]
    const addresses = [{ type: 'home', region: '上海市', locality: '徐汇区', streetAddress: '天平路8号301室' }]
    const { id } = await newUser({ displayName: '王芳', phoneNumbers, addresses })
    expect(await traitsOf(id)).toEqual(['address', 'name', 'phone'])
    const told = await scim('GET', `/Users/${id}`)
    expect(JSON.stringify([told.body, await rooms.events()])).not.toMatch(/138 ?0013|天平路/)
    // what is not spoken of stays; a list that is given takes the place of the one before
    await patch(id, [{ op: 'replace', path: 'displayName', value: '李芳' }])
    expect(await traitsOf(id)).toEqual(['address', 'name', 'phone'])
    await patch(id, [{ op: 'replace', path: 'phoneNumbers', value: [] }])
    expect(await traitsOf(id)).toEqual(['address', 'name'])
    await patch(id, [{ op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '13800138001' }])
    expect(await traitsOf(id)).toEqual(['address', 'name', 'phone'])
  })
})

describe('what the server says of itself', () => {
  it('is what it can do', async () => {
    expect((await scim('GET', '/ServiceProviderConfig')).body).toMatchObject({ patch: { supported: true } })
    expect((await scim('GET', '/ResourceTypes')).body).toMatchObject({ totalResults: 1 })
    expect((await scim('GET', '/Schemas')).body).toMatchObject({ totalResults: 2 })
  })
})

const alertAbout = async ({ log }: Rooms, actor: string) =>
  (await raisedAlerts(log)).find((alert) => alert.actor === actor)
