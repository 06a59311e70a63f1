import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { AdminModule } from '../admin/admin.module.js'
import { newAccount, type Account } from '../identity/account.js'
import { OutsidePeople } from '../identity/doors/outside-people.js'
import { InvitationsService } from '../identity/invitations.service.js'
import { SecondPersons } from '../identity/second-persons.js'
import { PolicyModule } from '../policy/policy.module.js'
import { ProvisioningModule } from '../provisioning/provisioning.module.js'
import { userSchema } from '../provisioning/scim-user.js'
import { accounts, powerChanges } from '../record-store/schema.js'
import { findAccount } from '../response/account-lock.js'
import { ResponseModule } from '../response/response.module.js'
import { eventOf, type Answer } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { raisedAlerts } from '../testing/raised-alerts.js'
import { until } from '../testing/settled.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { DueChanges } from './due.js'
import { PowerModule } from './power.module.js'

type Signed = Awaited<ReturnType<Rooms['signedIn']>>
const dayMs = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * dayMs)

describe('rights that one person alone gives', () => {
  let rooms: Rooms
  let admin: Signed
  let other: Signed
  beforeAll(async () => {
    rooms = await startRooms([ResponseModule, AdminModule, PowerModule, PolicyModule, ProvisioningModule])
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
    return from ? [Math.round((+from - Date.now()) / 3_600_000), by] : undefined
  }
  const counted = (id: string) => write(id, { decidesFrom: null, decidesGivenBy: null })
  const patch = (id: string, body: object, by = admin) => fresh(rooms, by.browser, 'PATCH', `/accounts/${id}`, body)
  const create = async (role: string, by = admin): Promise<Answer> => {
    const body = { username: `p-${uuidv7()}`, display_name: 'Puppet', branch: 'shanghai', role }
    return fresh(rooms, by.browser, 'POST', '/accounts', body)
  }
  const idOf = ({ body }: Answer) => String(body['id'])
  const manager = async () => {
    const id = idOf(await create('manager'))
    await counted(id)
    return id
  }
  const alarms = async (id: string) => (await raisedAlerts(rooms.log)).filter((alert) => alert.event_id.startsWith(id))
  const waiting = () => [24, admin.account.id]

  it('count after the waiting time: its event and its alert say so', async () => {
    const made = await create('manager')
    expect(await waitOf(idOf(made))).toEqual(waiting())
    expect(made.body['decides']).toMatchObject({ given_by: admin.account.id, given_by_name: 'admin' })
    expect(eventOf(await rooms.events(), made)?.fields).toContain('decides_from')
    const [alarm] = await until(async () => {
      const raised = await alarms(idOf(made))
      return raised.length ? raised : undefined
    })
    expect(alarm?.text?.en).toMatch(/may approve what others ask for from \d{4}-\d\d-\d\d \d\d:\d\d on, as manager/)
    expect(alarm?.text?.zh).toMatch(/自 \d{4}-\d\d-\d\d \d\d:\d\d 起/)
  })

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['another role', (id) => patch(id, { role: 'analyst' })],
    ['another branch', (id) => patch(id, { branch: 'beijing' })],
    ['opened again', (id) => patch(id, { status: 'disabled' }).then(() => patch(id, { status: 'active' }))],
    ['a new way in', (id) => fresh(rooms, admin.browser, 'POST', `/accounts/${id}/invitation`)],
    ['asking what others decide', (id) => patch(id, { role: 'finance' }).then(() => patch(id, { role: 'staff' }))],
  ])('begin anew with %s', async (_what, change) => {
    const id = await manager()
    await change(id)
    expect(await waitOf(id)).toEqual(waiting())
  })

  it('begin with nothing that gives no power, of nobody who takes no part', async () => {
    const [id, clerk, analyst, lower] = [
      await manager(),
      idOf(await create('finance')),
      await manager(),
      await manager(),
    ]
    await patch(lower, { role: 'staff' }) // what is taken away gives nothing: asking was theirs
    await patch(analyst, { role: 'analyst' })
    await counted(analyst)
    await patch(analyst, { branch: 'beijing' }) // analysts go by no branch
    for (const body of [{ display_name: 'Other' }, { team: 'other' }, { email: 'a@example.com' }, { role: 'manager' }])
      expect((await patch(id, { ...body, reason: 'as they say' })).status).toBe(200)
    for (const each of [id, clerk, analyst, lower]) expect(await waitOf(each)).toBeUndefined()
  })

  it('are nobody’s to confirm who had a hand in them', async () => {
    const id = idOf(await create('manager'))
    await patch(id, { branch: 'beijing' }, other)
    expect(await waitOf(id)).toEqual([24, null])
  })

  it('are confirmed of whoever has come in: a link that is still about may be its giver’s', async () => {
    const id = idOf(await create('manager'))
    const confirm = async () => {
      const body = { decides_from: (await rowOf(id)).decidesFrom?.toISOString() }
      return (await fresh(rooms, other.browser, 'POST', `/accounts/${id}/decides`, body)).status
    }
    expect(await confirm()).toBe(409)
    expect(await waitOf(id)).toEqual(waiting())
    await write(id, { passwordHash: 'of their own' })
    expect(await confirm()).toBe(200)
    expect(await waitOf(id)).toBeUndefined()
  })

  it('come by the personnel system and by a file, too, in the name of whose token or page it was', async () => {
    const body = { name: 'HR sync', scopes: ['scim'], days: 9 }
    const token = String((await fresh(rooms, admin.browser, 'POST', '/me/tokens', body)).body['token'])
    const scim = (method: 'POST' | 'PUT', path: string, user: object) =>
      rooms.browser().send(method, `/api/v1/scim/v2${path}`, JSON.stringify({ schemas: [userSchema], ...user }), {
        authorization: `Bearer ${token}`,
        'content-type': 'application/scim+json',
      })
    const user = { userName: `s-${uuidv7()}`, active: true, roles: [{ value: 'staff' }] }
    const id = idOf(await scim('POST', '/Users', user))
    expect(await waitOf(id)).toEqual(waiting())
    for (const over of [{ roles: [{ value: 'manager' }] }, { active: false }, { active: true }]) {
      await counted(id)
      await scim('PUT', `/Users/${id}`, { ...user, roles: [{ value: 'manager' }], ...over })
      expect(await waitOf(id)).toEqual('active' in over && !over.active ? undefined : waiting())
    }
    const [told] = await until(async () => {
      const raised = await alarms(id)
      return raised.length ? raised : undefined
    })
    expect(told?.text?.en).toContain('made so by the personnel system, with the API token “HR sync” of admin.')
    expect(told?.text?.zh).toContain('admin 的 API 令牌“HR sync”')
    // Behind another door whoever first comes by its name has the account.
    await write(id, { door: 'oidc', passwordHash: null })
    await counted(id)
    const renamed = { ...user, roles: [{ value: 'manager' }], userName: `t-${uuidv7()}` }
    expect((await scim('PUT', `/Users/${id}`, renamed)).status).toBe(200)
    expect(await waitOf(id)).toEqual(waiting())
    const username = `f-${uuidv7()}`
    const csv = `username,status,role,branch\n${username},joins,manager,shanghai\n`
    expect((await fresh(rooms, other.browser, 'POST', '/people-file/apply', { csv })).status).toBe(200)
    const [row] = await rooms.records.db.select().from(accounts).where(eq(accounts.username, username))
    expect(await waitOf(String(row?.id))).toEqual([24, other.account.id])
  })

  it('come by groups of a directory, from nobody whom we know: managers and administrators wait', async () => {
    const outside = rooms.app.get(OutsidePeople)
    for (const role of ['manager', 'admin'] as const) {
      const subject = uuidv7()
      const person = { door: 'oidc' as const, subject, username: `g-${subject}`, displayName: 'G', groups: ['desk'] }
      const come = async (groups: [string, Account['role']][]) => {
        const policy = { create: true, roles: groups } as unknown as Parameters<OutsidePeople['admit']>[1]
        const { account, settle } = await outside.admit(person, policy)
        await rooms.records.db.transaction((tx) => settle(tx))
        return account.id
      }
      const id = await come([['desk', role]])
      expect(await waitOf(id)).toEqual([24, null])
      await counted(id)
      await come([['desk', role]])
      expect(await waitOf(id)).toBeUndefined() // they only came again
      await come([['desk', 'analyst']])
      expect(await waitOf(id)).toEqual(role === 'admin' ? undefined : [24, null]) // which administrators decide, too
      await write(id, { role: 'auditor' })
    }
  })

  it('count at once where two gave the administrator’s role, and after the time of one who was alone', async () => {
    const raise = async (id: string) => {
      const body = { reason: 'takes over' }
      return idOf(await fresh(rooms, admin.browser, 'POST', `/accounts/${id}/administrator`, body))
    }
    const [one, two] = [idOf(await create('manager')), idOf(await create('manager'))]
    const change = await raise(one)
    expect((await fresh(rooms, other.browser, 'POST', `/power-changes/${change}/confirm`)).status).toBe(200)
    expect(await waitOf(one)).toBeUndefined()
    await write(one, { role: 'auditor' })

    // What somebody alone gave after that was asked for goes on waiting, and their link opens nothing.
    const closed = idOf(await create('admin'))
    const asked = await raise(closed)
    const { body } = await fresh(rooms, admin.browser, 'POST', `/accounts/${closed}/invitation`)
    expect((await fresh(rooms, other.browser, 'POST', `/power-changes/${asked}/confirm`)).status).toBe(200)
    expect(await waitOf(closed)).toEqual(waiting())
    const token = String(body['link']).split('#')[1] ?? ''
    await expect(rooms.app.get(InvitationsService).find(token)).rejects.toMatchObject({ code: 'invitation_invalid' })
    await write(closed, { role: 'auditor' })

    await write(other.account.id, { totpConfirmed: false })
    await rooms.records.db.update(accounts).set({ administratorAt: null })
    const alone = await raise(two)
    await write(two, { decidesFrom: new Date(Date.now() + 2 * dayMs) }) // given a way in meanwhile
    await rooms.records.db
      .update(powerChanges)
      .set({ dueAt: ago(0) })
      .where(eq(powerChanges.id, alone))
    await rooms.app.get(DueChanges).sweep()
    expect(await rowOf(two)).toMatchObject({ role: 'admin', status: 'active' })
    expect(await waitOf(two)).toEqual([48, admin.account.id]) // never earlier than that
    expect((await admin.browser.get('/policy')).body['decider_wait']).toEqual({ hours: 24, alone: true })
    await write(two, { role: 'auditor' })
    await write(other.account.id, { totpConfirmed: true })
  })

  it('count at once while the house gets its first desk, which its policy says, and where there is no waiting time', async () => {
    await rooms.records.db.update(accounts).set({ createdAt: new Date(Date.now() - 3_600_000) })
    const id = idOf(await create('manager'))
    expect(await waitOf(id)).toBeUndefined()
    const { young_until: until } = (await admin.browser.get('/policy')).body['decider_wait'] as { young_until: string }
    expect(Math.round((Date.parse(until) - Date.now()) / 3_600_000)).toBe(23)
    // Demo people were there before: the house is as old as its own.
    const demo = {
      ...newAccount({ username: uuidv7(), displayName: 'D', role: 'staff', passwordHash: null }),
      demo: true,
    }
    await rooms.records.db.insert(accounts).values({ ...demo, createdAt: ago(30) })
    const [none, some] = [new SecondPersons({ deciderWaitHours: 0 }), rooms.app.get(SecondPersons)]
    expect(await some.youngUntil(rooms.records.db)).toEqual(new Date(until))
    await write(admin.account.id, { createdAt: ago(30) })
    expect(await some.youngUntil(rooms.records.db)).toBeUndefined()
    const begun = await rooms.records.db.transaction((tx) => none.begin(tx, id, admin.account.id))
    expect([begun, await waitOf(id)]).toEqual([undefined, undefined])
    expect(await rooms.records.db.transaction((tx) => some.begin(tx, id, admin.account.id))).toBeInstanceOf(Date)
  })
})
