import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { AdminModule } from '../admin/admin.module.js'
import { CaptureService } from '../capture/capture.service.js'
import { newAccount, type Account } from '../identity/account.js'
import { accounts, outbox, settings } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import { eventOf, type Browser } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { raisedAlerts } from '../testing/raised-alerts.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { until } from '../testing/settled.js'
import { Movers } from './movers.service.js'
import { readPeople } from './people-file.js'
import { importPeople } from './people-import.js'
import { ProvisioningModule } from './provisioning.module.js'

/** A personnel system that is wrong, or somebody who holds its token. */
describe('many leavers at once', () => {
  let rooms: Rooms
  let admin: Browser
  let by: Pick<Account, 'id' | 'role' | 'displayName'>
  let token: string
  beforeAll(async () => {
    const env = { CUSTODIA_LEAVERS_PER_HOUR: '4', CUSTODIA_LEAVERS_SHARE: '100' }
    rooms = await startRooms([ResponseModule, AdminModule, ProvisioningModule], undefined, env)
    const { account, browser } = await rooms.signedIn('admin')
    await rooms.signedIn('admin')
    admin = browser
    by = account
    const made = await fresh(rooms, admin, 'POST', '/me/tokens', { name: 'HR', scopes: ['scim'], days: 90 })
    token = String(made.body['token'])
  })
  afterAll(() => rooms.stop())

  const some = async (n: number) => {
    const people = Array.from({ length: n }, () =>
      newAccount({ username: `s-${uuidv7()}`, displayName: 'Somebody', role: 'staff', passwordHash: null }),
    )
    await rooms.records.db.insert(accounts).values(people)
    return people
  }
  const leave = (id: string) =>
    rooms.browser().send('DELETE', `/api/v1/scim/v2/Users/${id}`, undefined, { authorization: `Bearer ${token}` })
  const closed = async (people: { id: string }[]) => {
    const rows = await rooms.records.db.select().from(accounts).where(eq(accounts.status, 'disabled'))
    return rows.filter(({ id }) => people.some((person) => person.id === id)).length
  }
  const raised = async () => (await raisedAlerts(rooms.log)).filter(({ rule }) => rule === 'leavers-stopped')
  const file = (people: { username: string }[], apply = true) =>
    importPeople(
      { movers: rooms.app.get(Movers), capture: rooms.app.get(CaptureService) },
      readPeople(
        `username,status\n${people.map(({ username }) => `${username},leaves`).join('\n')}\nnew-${uuidv7()},joins\n`,
      ),
      { by, apply },
    )
  const release = (people: number) => fresh(rooms, admin, 'POST', '/leavers/brake/release', { reason: 'sold', people })

  it('are closed up to the number of an hour, however many requests come at once, and nobody after', async () => {
    const people = await some(12)
    const answers = await Promise.all(people.map(({ id }) => leave(id)))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(4)
    const refused = answers.filter(({ status }) => status !== 204)
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]))
    expect(refused[0]?.text).toContain('An administrator lets it go on')
    expect(await closed(people)).toBe(4)
  })

  it('are an event and an alert to everybody on duty, once', async () => {
    await until(async () => (await rooms.records.db.select().from(outbox)).length === 0)
    const alerts = await raised()
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({ severity: 'critical', respond: [{ do: 'alert' }, { do: 'notify' }] })
    const events = (await rooms.events()).filter(({ record_id }) => record_id === 'leavers')
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ action: 'admin', outcome: 'refused', reason: 'too many leavers at once: scim' })
    expect((await admin.get('/leavers/brake')).body).toMatchObject({ per_hour: 4, stopped: { source: 'scim' } })
  })

  it('stay stopped by every other door, too; joiners come in, and by hand an administrator closes whom they want', async () => {
    const people = await some(2)
    const [first, second, joiner] = await file(people)
    expect([first, second]).toEqual([
      expect.objectContaining({ did: 'refused', note: expect.stringContaining('Too many people left') }),
      expect.objectContaining({ did: 'refused' }),
    ])
    expect(joiner).toMatchObject({ did: 'joined' })
    expect(await closed(people)).toBe(0)
    const byHand = await fresh(rooms, admin, 'PATCH', `/accounts/${people[0]?.id}`, { status: 'disabled' })
    expect(byHand.status).toBe(200)
  })

  it('go on when an administrator says so, with a fresh proof, for so many', async () => {
    const { browser: clerk } = await rooms.signedIn('staff')
    expect((await clerk.post('/leavers/brake/release', { reason: 'sold', people: 99 })).status).toBe(403)
    expect((await admin.post('/leavers/brake/release', { reason: 'sold', people: 3 })).body['code']).toBe(
      'step_up_required',
    )
    const people = await some(5)
    const answer = await release(3)
    expect(answer.body).toMatchObject({ released: { people: 3 } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({ action: 'admin', actor: by.id, count: 3 })
    for (const { id } of people) await leave(id)
    expect(await closed(people)).toBe(3)
    expect((await admin.get('/leavers/brake')).body).toHaveProperty('stopped')
    expect((await release(3)).status).toBe(200)
    expect((await release(3)).status).toBe(409) // nothing is held back now
  })

  it('of a file are all closed or none; dry, it says so and stops nothing', async () => {
    const people = await some(5)
    await rooms.records.db.delete(settings).where(eq(settings.key, 'leavers'))
    expect((await file(people, false)).filter(({ did }) => did === 'refused')).toHaveLength(5)
    expect((await admin.get('/leavers/brake')).body).not.toHaveProperty('stopped')
    expect((await file(people)).filter(({ did }) => did === 'refused')).toHaveLength(5)
    expect(await closed(people)).toBe(0)
    expect((await admin.get('/leavers/brake')).body).toMatchObject({ stopped: { source: 'file' } })
  })
})
