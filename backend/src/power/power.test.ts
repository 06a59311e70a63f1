import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { PolicySettings, PowerChange } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { AdminModule } from '../admin/admin.module.js'
import type { Account } from '../identity/account.js'
import { PolicyModule } from '../policy/policy.module.js'
import { accounts, powerChanges } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import { TriageModule } from '../triage/triage.module.js'
import { eventOf, type Answer, type Browser } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { raisedAlerts } from '../testing/raised-alerts.js'
import { until } from '../testing/settled.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { DueChanges } from './due.js'
import { PowerModule } from './power.module.js'

interface Signed {
  account: Account
  browser: Browser
}

describe('a change of power', () => {
  let rooms: Rooms
  let one: Signed
  let two: Signed
  let analyst: Signed
  beforeAll(async () => {
    rooms = await startRooms([ResponseModule, TriageModule, AdminModule, PowerModule, PolicyModule])
    analyst = await rooms.signedIn('analyst')
  })
  afterAll(() => rooms?.stop())
  /** These two are all the administrators there are, and nothing waits. */
  beforeEach(async () => {
    await rooms.records.db.delete(powerChanges)
    await rooms.records.db.update(accounts).set({ administratorAt: null })
    await rooms.records.db.update(accounts).set({ role: 'auditor' }).where(eq(accounts.role, 'admin'))
    one = await rooms.signedIn('admin')
    two = await rooms.signedIn('admin')
  })

  const codeOf = ({ status, body }: Answer) => [status, body['code']]
  const idOf = ({ body }: Answer) => String(body['waiting'] ?? body['id'])
  const settings = async () =>
    (await one.browser.get('/policy')).body as unknown as PolicySettings & { version: number }
  const change = async (over: Partial<PolicySettings>, by = one.browser) => {
    const { version, preset, conditions, larger_export } = await settings()
    const body = { version, preset, conditions, larger_export, reason: 'a test', ...over }
    return fresh(rooms, by, 'POST', '/policy', body)
  }
  const raise = (id: string, by = one.browser) =>
    fresh(rooms, by, 'POST', `/accounts/${id}/administrator`, { reason: 'a test' })
  const confirm = (id: string, by = two.browser) => fresh(rooms, by, 'POST', `/power-changes/${id}/confirm`)
  const stop = (id: string, by: Browser) => by.post(`/power-changes/${id}/stop`, { reason: 'nobody knew' })
  const stateOf = async (id: string) => {
    const { body } = await analyst.browser.get('/power-changes')
    return (body['items'] as PowerChange[]).find((each) => each.id === id)
  }
  const roleOf = async ({ id }: { id: string }) => {
    const [row] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, id))
    return [row?.role, row?.status]
  }
  const write = (id: string, set: Partial<Account>) =>
    rooms.records.db.update(accounts).set(set).where(eq(accounts.id, id))
  const passed = (id: string) =>
    rooms.records.db
      .update(powerChanges)
      .set({ dueAt: new Date(Date.now() - 1000) })
      .where(eq(powerChanges.id, id))
  const sweep = () => rooms.app.get(DueChanges).sweep()
  const alarms = async (id: string) => (await raisedAlerts(rooms.log)).filter((alert) => alert.event_id.startsWith(id))

  it('that waits is shown before all that are over', async () => {
    const id = idOf(await change({ larger_export: 9_000 }))
    const over = Array.from({ length: 30 }, (_, n) => ({
      id: uuidv7(),
      kind: 'administrator' as const,
      target: `somebody-${n}`,
      reason: 'noise',
      askedBy: two.account.id,
      state: 'stopped' as const,
    }))
    await rooms.records.db.insert(powerChanges).values(over)
    expect(await stateOf(id)).toMatchObject({ state: 'waiting' })
  })

  describe('of the policy', () => {
    it('that opens something is nobody’s alone: it waits, everybody on duty hears of it, another administrator confirms', async () => {
      const before = await settings()
      const asked = await change({ preset: 'simple' })
      expect(asked).toMatchObject({ status: 200, body: { preset: before.preset, version: before.version } })
      const id = idOf(asked)
      expect(await settings()).toMatchObject({ preset: 'separation', version: before.version })
      expect(eventOf(await rooms.events(), asked)).toMatchObject({ action: 'role_change', reason: 'a test' })
      const [alarm] = await until(async () => ((await alarms(id)).length ? alarms(id) : undefined))
      expect(alarm).toMatchObject({ rule: 'power-change', severity: 'critical', actor: one.account.id })
      expect(alarm?.respond).toContainEqual({ do: 'notify' })
      expect(await stateOf(id)).toMatchObject({ state: 'waiting', opens: expect.arrayContaining(['photo.view']) })
      expect((await stateOf(id))?.due_at).toBeUndefined()
      expect((await two.browser.get('/me')).body).toMatchObject({ power_waiting: 1 })
      expect((await one.browser.get('/me')).body).toMatchObject({ power_waiting: 0 })

      expect(codeOf(await confirm(id, one.browser))).toEqual([409, 'second_person_required'])
      expect(codeOf(await two.browser.post(`/power-changes/${id}/confirm`))).toEqual([403, 'step_up_required'])
      expect(codeOf(await confirm(id, analyst.browser))).toEqual([403, 'not_allowed'])
      const done = await confirm(id)
      expect(done).toMatchObject({ status: 200, body: { state: 'done', ended_by_name: 'admin' } })
      expect(eventOf(await rooms.events(), done)).toMatchObject({ action: 'role_change', record_id: id })
      expect(await settings()).toMatchObject({
        preset: 'simple',
        version: before.version + 1,
        changed_by: one.account.id,
        confirmed_by: two.account.id,
        confirmed_by_name: 'admin',
      })
      const csv = await one.browser.get('/policy/table.csv')
      expect(csv.text).toContain('"confirmed_by","admin"')
      expect(codeOf(await confirm(id))).toEqual([409, 'conflict'])
      await confirm(idOf(await change({ preset: 'separation' })))
    })

    it.each<[string, Partial<PolicySettings>]>([
      ['larger exports', { larger_export: 10_000 }],
      ['fewer conditions', { conditions: [] }],
    ])('waits for %s, too; what only tightens does not', async (_, looser) => {
      const tight = await change({
        larger_export: 20,
        conditions: [{ roles: ['staff'], on: 'plain', hours: 'working' }],
      })
      expect(tight.body).toMatchObject({ larger_export: 20 })
      expect(tight.body['waiting']).toBeUndefined()
      const asked = await change(looser)
      expect(await settings()).toMatchObject({ larger_export: 20, conditions: [{ hours: 'working' }] })
      expect((await stop(idOf(asked), analyst.browser)).status).toBe(204)
      expect(codeOf(await confirm(idOf(asked)))).toEqual([409, 'conflict'])
      await confirm(idOf(await change({ larger_export: 500, conditions: [] })))
    })

    it('takes the place of the table it was proposed for, and of no other', async () => {
      const id = idOf(await change({ preset: 'simple' }))
      expect(codeOf(await change({ larger_export: 900 }))).toEqual([409, 'conflict'])
      await change({ larger_export: 10 })
      expect(codeOf(await confirm(id))).toEqual([409, 'conflict'])
      expect(await stateOf(id)).toMatchObject({ state: 'lapsed' })
      expect(await settings()).toMatchObject({ preset: 'separation', larger_export: 10 })
      await confirm(idOf(await change({ larger_export: 500 })))
    })
  })

  describe('that makes an administrator', () => {
    it('is not done by adding one, by changing a role, nor by opening a closed one', async () => {
      const clerk = await rooms.signedIn('staff')
      const path = `/accounts/${clerk.account.id}`
      expect(codeOf(await fresh(rooms, one.browser, 'PATCH', path, { role: 'admin' }))).toEqual([
        409,
        'second_person_required',
      ])
      const body = { username: `puppet-${uuidv7()}`, display_name: 'Puppet', role: 'admin' }
      const puppet = await fresh(rooms, one.browser, 'POST', '/accounts', body)
      expect(puppet).toMatchObject({ status: 200, body: { role: 'admin', status: 'disabled' } })
      expect(puppet.body['link']).toBeUndefined()
      const closed = `/accounts/${String(puppet.body['id'])}`
      expect(codeOf(await fresh(rooms, one.browser, 'PATCH', closed, { status: 'active' }))).toEqual([
        409,
        'second_person_required',
      ])
      for (const step of [{ role: 'staff' }, { status: 'active' }])
        expect((await fresh(rooms, one.browser, 'PATCH', closed, step)).status).toBe(200)
      expect(codeOf(await fresh(rooms, one.browser, 'PATCH', closed, { role: 'admin' }))).toEqual([
        409,
        'second_person_required',
      ])
      expect((await fresh(rooms, one.browser, 'PATCH', path, { status: 'disabled' })).status).toBe(200)
      expect((await fresh(rooms, one.browser, 'PATCH', path, { role: 'admin' })).status).toBe(200) // of somebody who is shut out
      expect(codeOf(await fresh(rooms, one.browser, 'PATCH', path, { status: 'active' }))).toEqual([
        409,
        'second_person_required',
      ])
    })

    it('is proposed and confirmed by two, and an alert tells both', async () => {
      const clerk = await rooms.signedIn('staff')
      const { id: account } = clerk.account
      expect(codeOf(await one.browser.post(`/accounts/${account}/administrator`, { reason: 'a test' }))).toEqual([
        403,
        'step_up_required',
      ])
      const id = idOf(await raise(account))
      expect(await roleOf(clerk.account)).toEqual(['staff', 'active'])
      expect(codeOf(await raise(account, two.browser))).toEqual([409, 'conflict'])
      expect(codeOf(await confirm(id, one.browser))).toEqual([409, 'second_person_required'])
      const done = await confirm(id)
      expect(eventOf(await rooms.events(), done)).toMatchObject({ action: 'role_change', subject: account })
      expect(await roleOf(clerk.account)).toEqual(['admin', 'active'])
      expect((await clerk.browser.get('/me')).status).toBe(401)
      await until(async () => (await alarms(id)).length === 2)
    })

    it('ends with a freeze of who asked, also when it is lifted', async () => {
      const clerk = await rooms.signedIn('staff')
      const id = idOf(await raise(clerk.account.id))
      const path = `/people/${one.account.id}`
      await analyst.browser.post(`${path}/freeze`, { reason: 'a test', minutes: 60 })
      expect(codeOf(await confirm(id))).toEqual([409, 'conflict'])
      await fresh(rooms, two.browser, 'POST', `${path}/lift`, { reason: 'a test' })
      expect(codeOf(await confirm(id))).toEqual([409, 'conflict'])
      await passed(id)
      await sweep()
      expect(await stateOf(id)).toMatchObject({ state: 'lapsed' })
      expect(await roleOf(clerk.account)).toEqual(['staff', 'active'])
    })
  })

  describe('without another administrator who can come in', () => {
    beforeEach(() => write(two.account.id, { totpConfirmed: false, administratorAt: null }))

    it('takes effect by itself after the waiting time, and not a moment before', async () => {
      const clerk = await rooms.signedIn('staff')
      const asked = await raise(clerk.account.id)
      const inHours = (Date.parse(String(asked.body['due_at'])) - Date.now()) / 3_600_000
      expect(Math.round(inHours)).toBe(24)
      const id = idOf(asked)
      const [alarm] = await until(async () => ((await alarms(id)).length ? alarms(id) : undefined))
      expect(alarm?.text?.en).toContain('by itself')
      await sweep()
      expect(await roleOf(clerk.account)).toEqual(['staff', 'active'])
      await passed(id)
      await sweep()
      expect(await roleOf(clerk.account)).toEqual(['admin', 'active'])
      const written = (await rooms.events()).filter(({ record_id, actor }) => record_id === id && actor === 'system')
      expect(written).toMatchObject([{ action: 'role_change', outcome: 'granted', subject: clerk.account.id }])
      await sweep()
      expect(
        (await rooms.events()).filter(({ actor, record_id }) => actor === 'system' && record_id === id),
      ).toHaveLength(1)
    })

    it('is stopped by an analyst meanwhile, and by the auditor by no means', async () => {
      const clerk = await rooms.signedIn('staff')
      const id = idOf(await raise(clerk.account.id))
      const auditor = await rooms.signedIn('auditor')
      expect(codeOf(await stop(id, auditor.browser))).toEqual([403, 'not_allowed'])
      expect((await stop(id, analyst.browser)).status).toBe(204)
      await passed(id)
      await sweep()
      expect(await roleOf(clerk.account)).toEqual(['staff', 'active'])
      expect(await stateOf(id)).toMatchObject({ state: 'stopped', ended_by_name: 'analyst' })
    })

    it('of the policy says in page and export that nobody confirmed it', async () => {
      const id = idOf(await change({ preset: 'simple' }))
      await passed(id)
      await sweep()
      expect(await settings()).toMatchObject({ preset: 'simple', confirmed_by: 'system' })
      expect((await one.browser.get('/policy/table.csv')).text).toContain('by itself: nobody else could confirm it')
      expect(JSON.parse((await one.browser.get('/policy/table.json')).text)).toMatchObject({ confirmed_by: 'system' })
      const ended = await stateOf(id)
      expect([ended?.state, ended?.ended_by_name]).toEqual(['done', undefined])
      await change({ preset: 'separation' }).then((back) => passed(idOf(back)))
      await sweep()
    })

    it('waits for the other one after all, once they are there', async () => {
      const id = idOf(await change({ preset: 'simple' }))
      await write(two.account.id, { totpConfirmed: true })
      await passed(id)
      await sweep()
      expect(await settings()).toMatchObject({ preset: 'separation' })
      const left = await stateOf(id)
      expect([left?.state, left?.due_at]).toEqual(['waiting', undefined])
    })
  })

  it('is nobody’s alone for a week after they got the other out of the way, which everybody hears of', async () => {
    await sweep() // both were seen
    expect(
      (await fresh(rooms, one.browser, 'PATCH', `/accounts/${two.account.id}`, { status: 'disabled' })).status,
    ).toBe(200)
    const [alarm] = await until(async () => {
      const raised = await alarms(two.account.id)
      return raised.length ? raised : undefined
    })
    expect(alarm).toMatchObject({ rule: 'power-change', severity: 'critical', actor: two.account.id })
    const asked = await change({ preset: 'simple' })
    const id = idOf(asked)
    const inDays = async () => (Date.parse((await stateOf(id))?.due_at ?? '') - Date.now()) / 86_400_000
    expect(await inDays()).toBeCloseTo(7, 1)
    await passed(id)
    await sweep()
    expect(await settings()).toMatchObject({ preset: 'separation' })
    expect(await inDays()).toBeCloseTo(7, 1)
  })

  describe('below the administrator: somebody is made to approve what others ask for', () => {
    const heard = async (id: string) => (await alarms(id)).filter(({ title }) => title.startsWith('Somebody was made'))
    const make = async (over: object) => {
      const body = {
        username: `puppet-${uuidv7()}`,
        display_name: 'Puppet',
        branch: 'shanghai',
        role: 'manager',
        ...over,
      }
      return String((await fresh(rooms, one.browser, 'POST', '/accounts', body)).body['id'])
    }
    const patch = (id: string, body: object) => fresh(rooms, one.browser, 'PATCH', `/accounts/${id}`, body)

    it('by one administrator alone, which everybody on duty hears: added, raised, moved, opened again', async () => {
      const id = await make({})
      const [alarm] = await until(async () => ((await heard(id)).length ? heard(id) : undefined))
      expect(alarm).toMatchObject({ rule: 'power-change', severity: 'high', actor: id })
      expect(alarm?.text?.en).toContain('as manager: made so by admin')
      const clerk = (await rooms.signedIn('staff')).account.id
      for (const [n, body] of [{ role: 'analyst' }, { role: 'manager' }, { branch: 'beijing' }].entries()) {
        expect((await patch(clerk, body)).status).toBe(200)
        await until(async () => (await heard(clerk)).length === n + 1)
      }
      await patch(clerk, { status: 'disabled' })
      await patch(clerk, { status: 'active' })
      await until(async () => (await heard(clerk)).length === 4)
    })

    it('and of nobody who approves nothing, nor for another team', async () => {
      const [clerk, manager] = [await make({ role: 'staff' }), await make({})]
      for (const body of [{ role: 'finance' }, { branch: 'beijing' }]) await patch(clerk, body)
      await patch(manager, { team: 'other' })
      await patch(manager, { branch: 'beijing' }) // the last alert there is to wait for
      await until(async () => (await heard(manager)).length === 2)
      expect(await heard(clerk)).toEqual([])
    })
  })

  it('is not proposed by somebody of the demonstration, to be confirmed by the same person under their own name', async () => {
    const demo = await rooms.signedIn('admin')
    await write(demo.account.id, { demo: true })
    const clerk = await rooms.signedIn('staff')
    for (const asked of [await change({ preset: 'simple' }, demo.browser), await raise(clerk.account.id, demo.browser)])
      expect(codeOf(asked)).toEqual([409, 'second_person_required'])
    // nor, where it waits already, by either for the other
    const id = idOf(await raise(clerk.account.id))
    expect(codeOf(await confirm(id, demo.browser))).toEqual([409, 'second_person_required'])
    await rooms.records.db.update(powerChanges).set({ askedBy: demo.account.id }).where(eq(powerChanges.id, id))
    expect(await stateOf(id)).toMatchObject({ demo: true })
    expect(codeOf(await confirm(id))).toEqual([409, 'second_person_required'])
    expect(await roleOf(clerk.account)).toEqual(['staff', 'active'])
  })

  it('that nobody goes on with lapses after a week', async () => {
    const id = idOf(await change({ preset: 'simple' }))
    const askedAt = new Date(Date.now() - 8 * 86_400_000)
    await rooms.records.db.update(powerChanges).set({ askedAt }).where(eq(powerChanges.id, id))
    expect(codeOf(await confirm(id))).toEqual([409, 'conflict'])
    await sweep()
    expect(await stateOf(id)).toMatchObject({ state: 'lapsed' })
    expect((await rooms.events()).filter(({ record_id }) => record_id === id).at(-1)).toMatchObject({
      outcome: 'failed',
      reason: 'lapsed',
      actor: 'system',
    })
  })
})
