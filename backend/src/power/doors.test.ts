import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { AdminModule } from '../admin/admin.module.js'
import type { Account } from '../identity/account.js'
import { accounts } from '../record-store/schema.js'
import { findAccount } from '../response/account-lock.js'
import { ResponseModule } from '../response/response.module.js'
import type { Answer } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { ProvisioningModule } from '../provisioning/provisioning.module.js'
import { userSchema } from '../provisioning/scim-user.js'
import { PowerModule } from './power.module.js'

type Signed = Awaited<ReturnType<Rooms['signedIn']>>
const ago = (days: number) => new Date(Date.now() - days * 86_400_000)
/** Nobody answers there; that the door is set up is what counts. */
const provider = {
  CUSTODIA_OIDC_ISSUER: 'http://127.0.0.1:9',
  CUSTODIA_OIDC_CLIENT_ID: 'custodia',
  CUSTODIA_OIDC_CLIENT_SECRET: 'a secret of some length',
  CUSTODIA_OIDC_ROLES: 'desk=manager',
}

describe('another door is a way in for whoever has the name there', () => {
  let rooms: Rooms
  let admin: Signed
  let other: Signed
  beforeAll(async () => {
    rooms = await startRooms([ResponseModule, AdminModule, PowerModule, ProvisioningModule], undefined, provider)
    admin = await rooms.signedIn('admin')
    other = await rooms.signedIn('admin')
  })
  beforeEach(() => rooms.records.db.update(accounts).set({ createdAt: ago(30) }))
  afterAll(() => rooms?.stop())

  const write = (id: string, set: Partial<Account>) =>
    rooms.records.db.update(accounts).set(set).where(eq(accounts.id, id))
  const rowOf = async (id: string) => {
    const row = await findAccount(rooms.records.db, id)
    if (!row) throw new Error('nobody')
    return row
  }
  /** in hours from now, and by whom; undefined: they count */
  const waitOf = async (id: string) => {
    const { decidesFrom: from, decidesGivenBy: by } = await rowOf(id)
    return from && +from > Date.now() ? [Math.round((+from - Date.now()) / 3_600_000), by] : undefined
  }
  const patch = (id: string, body: object, by = admin) => fresh(rooms, by.browser, 'PATCH', `/accounts/${id}`, body)
  const codeOf = ({ status, body }: Answer) => (status < 300 ? status : body['code'])
  const confirm = async (id: string, by: Signed) => {
    const body = { decides_from: (await rowOf(id)).decidesFrom?.toISOString() }
    return codeOf(await fresh(rooms, by.browser, 'POST', `/accounts/${id}/decides`, body))
  }
  const closed = async (role: Account['role'] = 'manager') => {
    const { id } = (await rooms.signedIn(role)).account
    await patch(id, { status: 'disabled' }, other)
    return id
  }
  /** The day has passed while it was closed. */
  const aDayLater = (id: string) => write(id, { decidesFrom: ago(1) })

  it('of a closed account the time begins when it is opened, whatever was changed before', async () => {
    const id = await closed()
    await patch(id, { email: 'mallory@example.com', reason: 'as they say' })
    expect(await waitOf(id)).toBeUndefined()
    await patch(id, { door: 'oidc', reason: 'as they say' })
    await aDayLater(id)
    expect((await patch(id, { status: 'active' })).status).toBe(200)
    expect(await waitOf(id)).toEqual([24, admin.account.id])
  })

  it('whoever changed it is not another one than who comes, when a colleague opens it much later', async () => {
    const id = await closed()
    await patch(id, { door: 'oidc', reason: 'as they say' })
    await aDayLater(id)
    expect((await patch(id, { status: 'active' }, other)).status).toBe(200)
    await write(id, { doorSubject: uuidv7() })
    expect(await waitOf(id)).toEqual([24, null])
    expect(await confirm(id, admin)).toBe('second_person_required')
  })

  it('and of two who changed it one after another the later alone: nobody comes by the first', async () => {
    const id = await closed()
    await patch(id, { door: 'oidc', reason: 'as they say' })
    await aDayLater(id)
    for (const door of ['password', 'oidc']) await patch(id, { door, reason: 'as they say' }, other)
    expect((await patch(id, { status: 'active' }, other)).status).toBe(200)
    expect(await waitOf(id)).toEqual([24, other.account.id])
  })

  it('nobody is confirmed before somebody has come by it, whoever had the account before', async () => {
    const { id } = (await rooms.signedIn('manager')).account
    await patch(id, { door: 'oidc', reason: 'as they say' })
    expect(await confirm(id, other)).toBe('conflict')
    await write(id, { doorSubject: uuidv7() })
    expect(await confirm(id, other)).toBe(200)
  })

  it('an administrator whom two made waits, too, until another one has seen who came', async () => {
    const id = await closed('admin')
    await patch(id, { door: 'oidc', reason: 'as they say' })
    await aDayLater(id)
    const body = { reason: 'is back' }
    const asked = await fresh(rooms, admin.browser, 'POST', `/accounts/${id}/administrator`, body)
    const change = `/power-changes/${String(asked.body['id'])}/confirm`
    expect((await fresh(rooms, other.browser, 'POST', change)).status).toBe(200)
    expect(await rowOf(id)).toMatchObject({ role: 'admin', status: 'active' })
    expect(await waitOf(id)).toEqual([24, admin.account.id])
    await write(id, { doorSubject: uuidv7() })
    expect(await confirm(id, admin)).toBe('second_person_required')
    expect(await confirm(id, other)).toBe(200)
  })

  it('where its groups give the role the personnel system does not: it would be given and taken at every turn', async () => {
    const made = { name: 'HR sync', scopes: ['scim'], days: 9 }
    const token = String((await fresh(rooms, admin.browser, 'POST', '/me/tokens', made)).body['token'])
    const put = async (id: string, role: string) => {
      const { username } = await rowOf(id)
      const user = { schemas: [userSchema], userName: username, active: true, roles: [{ value: role }] }
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' }
      return rooms.browser().send('PUT', `/api/v1/scim/v2/Users/${id}`, JSON.stringify(user), headers)
    }
    const [there, here] = [(await rooms.signedIn('manager')).account.id, (await rooms.signedIn('manager')).account.id]
    await write(there, { door: 'oidc', doorSubject: uuidv7() })
    for (const id of [there, here]) expect((await put(id, 'staff')).status).toBe(200)
    expect([(await rowOf(there)).role, (await rowOf(here)).role]).toEqual(['manager', 'staff'])
  })
})
