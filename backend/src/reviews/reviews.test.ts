import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent, ReviewItem } from '@custodia/contracts'
import { readLog } from '@custodia/streams/integrity'
import { eq, like, sql } from 'drizzle-orm'
import { KEY_PROVIDER } from '../adapters.js'
import { accessReviews, accounts, notices } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway, type TestPerson } from '../testing/gateway.js'
import { openLive } from '../testing/live-socket.js'
import { proven, provenOk } from '../testing/proof.js'
import { until } from '../testing/settled.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { Rounds } from './rounds.service.js'
import { isSignedBy, publicKeyOf } from './signed-result.js'

const origin = 'http://localhost:8080'

describe('an access review', () => {
  let gateway: TestGateway
  let admin: TestClient
  let auditor: TestClient
  let manager: TestPerson
  let managing: TestClient
  beforeAll(async () => {
    gateway = await startTestGateway()
    admin = await gateway.signedIn('admin')
    auditor = await gateway.signedIn('auditor')
    manager = await gateway.person('manager')
    managing = gateway.stranger(manager)
    await managing.signIn(manager)
  })
  afterAll(() => gateway?.stop())

  const clerkOf = async (managerId: string | null): Promise<TestPerson> => {
    const person = await gateway.person('staff')
    const body = { manager: managerId }
    await provenOk(gateway, admin, 'accountUpdate', { params: { id: person.account.id }, body })
    return person
  }
  const itemOf = (items: ReviewItem[], { account }: TestPerson) => items.find((item) => item.account === account.id)
  const eventsOf = async (reason: string): Promise<AccessEvent[]> => {
    const found: AccessEvent[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(Buffer.from(value).toString()) as AccessEvent
      if (event.reason === reason) found.push(event)
    }
    return found
  }

  it('gives each manager their own people, and the administrators everybody; nobody reviews themself', async () => {
    const [mine, nobodys] = [await clerkOf(manager.account.id), await clerkOf(null)]
    await provenOk(gateway, admin, 'accountUpdate', { params: { id: manager.account.id }, body: { manager: null } })
    const { id } = await admin.ok('reviewOpen')
    const { items } = await managing.ok('reviewMine')
    expect(items.map(({ account }) => account)).toEqual([mine.account.id])
    const everybody = (await admin.ok('reviewMine')).items
    expect(itemOf(everybody, nobodys)).toMatchObject({ rights: { role: 'staff', branch: 'shanghai' } })
    expect(itemOf(everybody, manager)).toBeDefined()
    expect(everybody.map(({ account }) => account)).not.toContain(admin.accountId)
    const params = { id }
    for (const other of [nobodys.account.id, manager.account.id])
      expect(
        (await managing.call('reviewConfirm', { params, body: { accounts: [mine.account.id, other] } })).status,
      ).toBe(404)
    const own = { params, body: { accounts: [admin.accountId] } }
    expect((await admin.call('reviewConfirm', own)).status).toBe(404)
    expect((await auditor.call('reviewConfirm', own)).status).toBe(403)
  })

  it('takes a manager who is one, and not the person themself', async () => {
    const clerk = await gateway.person('staff')
    for (const [id, managerId] of [
      [clerk.account.id, auditor.accountId],
      [manager.account.id, manager.account.id],
    ] as const)
      expect(
        (await proven(gateway, admin, 'accountUpdate', { params: { id }, body: { manager: managerId } })).body.code,
      ).toBe('invalid_input')
  })

  it('makes each confirmation an event, once', async () => {
    const clerks = [await clerkOf(manager.account.id), await clerkOf(manager.account.id)]
    const { id } = await admin.ok('reviewOpen')
    const call = { params: { id }, body: { accounts: clerks.map(({ account }) => account.id) } }
    await managing.ok('reviewConfirm', call)
    expect((await managing.call('reviewConfirm', call)).body.code).toBe('conflict')
    const { items } = await auditor.ok('review', { params: { id } })
    for (const clerk of clerks)
      expect(itemOf(items, clerk)).toMatchObject({ decision: 'confirmed', decided_by: manager.account.id })
    const parts = (await eventsOf('confirmed')).filter(({ part_of }) => part_of)
    for (const { account } of clerks)
      expect(parts.filter(({ subject }) => subject === account.id)).toMatchObject([
        { action: 'approval', outcome: 'granted', actor: manager.account.id, record_id: id },
      ])
  })

  it('removes at once, with a reason; an administrator gives back', async () => {
    const clerk = await clerkOf(manager.account.id)
    const browser = gateway.stranger(clerk)
    await browser.signIn(clerk)
    const params = { id: (await admin.ok('reviewOpen')).id }
    const body = { account: clerk.account.id, reason: 'moved to another house' }
    await provenOk(gateway, managing, 'reviewRemove', { params, body })
    expect((await browser.call('me')).body.code).toBe('not_signed_in')
    await expect(gateway.stranger(clerk).signIn(clerk)).rejects.toThrow('403')
    expect(await eventsOf('removed')).toEqual(
      expect.arrayContaining([expect.objectContaining({ action: 'role_change', subject: clerk.account.id })]),
    )
    expect((await managing.call('reviewUndo', { params, body })).status).toBe(403)
    await provenOk(gateway, admin, 'reviewUndo', { params, body: { ...body, reason: 'came back' } })
    expect((await proven(gateway, admin, 'reviewUndo', { params, body })).status).toBe(404)
    await gateway.stranger(clerk).signIn(clerk)
    const { items } = await auditor.ok('review', { params })
    expect(itemOf(items, clerk)).toMatchObject({ decision: 'removed', undo_reason: 'came back' })
  })

  it('empties no desk unheard, and reopens nobody who approves: each takes a fresh proof, and an alert tells of it', async () => {
    const { db } = gateway.records
    const [analyst, boss] = [await gateway.person('analyst'), await gateway.person('manager')]
    const reader = await gateway.signedIn('analyst')
    const params = { id: (await admin.ok('reviewOpen')).id }
    const callOf = ({ account }: TestPerson) => ({ params, body: { account: account.id, reason: 'an open desk' } })
    const statusOf = async ({ account: { id } }: TestPerson) =>
      (await db.select().from(accounts).where(eq(accounts.id, id)))[0]?.status
    const told = async ({ account: { id } }: TestPerson) => {
      await gateway.settled()
      const { items } = await reader.ok('alerts')
      return items.filter(({ rule, actor }) => rule === 'power-change' && actor === id)
    }
    for (const person of [analyst, boss]) {
      expect((await admin.call('reviewRemove', callOf(person))).body.code).toBe('step_up_required')
      expect([await statusOf(person), await told(person)]).toEqual(['active', []])
      await provenOk(gateway, admin, 'reviewRemove', callOf(person))
    }
    await until(async () => (await told(analyst)).length)
    expect(await told(analyst)).toMatchObject([
      { severity: 'critical', title: 'An administrator or analyst was taken out' },
    ])
    for (const person of [analyst, boss]) {
      const before = await told(person)
      expect((await admin.call('reviewUndo', callOf(person))).body.code).toBe('step_up_required')
      expect([await statusOf(person), await told(person)]).toEqual(['disabled', before])
      await provenOk(gateway, admin, 'reviewUndo', callOf(person))
      await until(async () => (await told(person)).length > before.length)
      expect(await statusOf(person)).toBe('active')
      expect(await told(person)).toContainEqual(
        expect.objectContaining({ severity: 'high', title: 'Somebody was made to approve what others ask for' }),
      )
    }
    expect(await told(boss)).toHaveLength(1) // a manager who goes is nobody of the desk
  })

  it('never removes the last administrator who can sign in', async () => {
    const { db } = gateway.records
    const boss = await gateway.signedIn('manager')
    await db.update(accounts).set({ managerId: boss.accountId }).where(eq(accounts.id, admin.accountId))
    const params = { id: (await admin.ok('reviewOpen')).id }
    const body = { account: admin.accountId, reason: 'a test' }
    expect((await proven(gateway, boss, 'reviewRemove', { params, body })).body.code).toBe('last_administrator')
    await db.update(accounts).set({ managerId: null }).where(eq(accounts.id, admin.accountId))
  })

  it('ends when everybody is decided upon, with a result that the house has signed', async () => {
    const [one, two] = [admin, await gateway.signedIn('admin')]
    const { id } = await one.ok('reviewOpen')
    const params = { id }
    expect((await auditor.call('reviewResult', { params })).body.code).toBe('conflict')
    const others = (await one.ok('reviewMine')).items.map(({ account }) => account)
    await one.ok('reviewConfirm', { params, body: { accounts: others } })
    await two.ok('reviewConfirm', { params, body: { accounts: [one.accountId] } })
    const [review] = (await auditor.ok('reviews')).items
    expect(review).toMatchObject({ id, closed_at: expect.any(String), people: others.length + 1, overdue: false })
    const signed = await auditor.ok('reviewResult', { params })
    expect(signed.result).toMatchObject({ id, complete: true })
    expect(isSignedBy(signed, publicKeyOf(gateway.app.get<KeyProvider>(KEY_PROVIDER)))).toBe(true)
    expect((await one.call('reviewConfirm', { params, body: { accounts: others.slice(0, 1) } })).body.code).toBe(
      'conflict',
    )
    expect(await eventsOf('access review complete')).toHaveLength(1)
  })

  it('begins by itself when a quarter does, once, and closes what was open as it stands', async () => {
    const { db } = gateway.records
    const rounds = gateway.app.get(Rounds)
    const before = (await auditor.ok('reviews')).items.length
    await rounds.look()
    expect((await auditor.ok('reviews')).items).toHaveLength(before)
    const { id } = await admin.ok('reviewOpen')
    const nextQuarter = new Date(Date.now() + 95 * 86_400_000)
    await Promise.all([rounds.look(nextQuarter), rounds.look(nextQuarter)])
    const begun = await db.select().from(accessReviews).where(eq(accessReviews.openedBy, 'system'))
    expect(begun).toHaveLength(1)
    expect((await auditor.ok('reviewResult', { params: { id } })).result.complete).toBe(false)
  })

  describe('whoever is to review', () => {
    let analyst: TestClient
    let manager: TestClient
    let clerks: string[]
    beforeAll(async () => {
      analyst = await gateway.signedIn('analyst')
      manager = await gateway.signedIn('manager')
      clerks = []
      for (let i = 0; i < 2; i++) clerks.push((await gateway.person('staff')).account.id)
      for (const id of clerks)
        await provenOk(gateway, admin, 'accountUpdate', { params: { id }, body: { manager: manager.accountId } })
    })

    const waiting = async (who: TestClient) => (await who.ok('me')).reviews_waiting
    const dueIn = (id: string, days: number) =>
      gateway.records.db
        .update(accessReviews)
        .set({ dueAt: sql`now() + make_interval(secs => ${days * 86_400})` })
        .where(eq(accessReviews.id, id))
    const noticesOf = (id: string) =>
      gateway.records.db
        .select()
        .from(notices)
        .where(like(notices.id, `access-review:${id}:%`))

    it('hears of it as it begins, on an open page, and only of their own people', async () => {
      const port = await gateway.listen()
      const other = await gateway.signedIn('manager')
      const [page, beside] = [manager, other].map((who) =>
        openLive(port, { cookie: who.cookieHeader(), origin, namespace: 'own' }),
      )
      await until(() => page!.heard.own.length && beside!.heard.own.length)
      const { id } = await admin.ok('reviewOpen')
      await until(() => page!.heard.own.length > 1)
      expect(page!.heard.own).toEqual([{}, { review: { id, people: 2 } }])
      await gateway.settled()
      expect(beside!.heard.own).toEqual([{}])
      for (const each of [page, beside]) each!.socket.disconnect()
    })

    it('sees from every page how many people are left; nobody else has a number', async () => {
      const { id } = await admin.ok('reviewOpen')
      expect(await waiting(manager)).toBe(2)
      expect([await waiting(analyst), await waiting(auditor)]).toEqual([undefined, undefined])
      const ofAdmin = (await waiting(admin)) ?? 0
      const everybody = (await admin.ok('reviewMine')).items
      expect(ofAdmin).toBe(everybody.filter(({ reviewer }) => !reviewer).length) // those who answer to nobody
      await manager.ok('reviewConfirm', { params: { id }, body: { accounts: clerks.slice(0, 1) } })
      expect(await waiting(manager)).toBe(1)
      await dueIn(id, -0.1)
      expect(await waiting(admin)).toBe(everybody.length - 1) // overdue: the administrators step in for everybody
    })

    it('and has left, or manages nobody any more, leaves their people to the administrators at once', async () => {
      const { db } = gateway.records
      const boss = await gateway.signedIn('manager')
      const person = { params: { id: (await gateway.person('staff')).account.id } }
      await provenOk(gateway, admin, 'accountUpdate', { ...person, body: { manager: boss.accountId } })
      await admin.ok('reviewOpen')
      const reviewerOf = async () =>
        (await admin.ok('reviewMine')).items.find(({ account }) => account === person.params.id)?.reviewer
      const before = (await waiting(admin)) ?? 0
      expect(await reviewerOf()).toBe(boss.accountId)
      for (const change of [{ status: 'disabled' as const }, { role: 'staff' as const }]) {
        await db.update(accounts).set(change).where(eq(accounts.id, boss.accountId))
        expect([await waiting(admin), await reviewerOf()]).toEqual([before + 1, undefined])
        const back = { status: 'active' as const, role: 'manager' as const }
        await db.update(accounts).set(back).where(eq(accounts.id, boss.accountId))
        expect([await waiting(admin), await reviewerOf()]).toEqual([before, boss.accountId])
      }
    })

    it('is reminded as it begins, three days before its end, and every day that it is late: of how many, and until when', async () => {
      const { id, due_at } = await admin.ok('reviewOpen')
      const rounds = gateway.app.get(Rounds)
      const stages = async () => (await noticesOf(id)).map((row) => row.id.split(':').slice(2).join(':')).sort()
      await rounds.look()
      await rounds.look()
      expect(await stages()).toEqual(['begun'])
      const [begun] = await noticesOf(id)
      const day = new Date(due_at).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' })
      const { people } = await auditor.ok('review', { params: { id } })
      expect(begun?.notice.text.en).toMatch(new RegExp(`until ${day} \\d\\d:\\d\\d: ${people} people are`))
      expect(begun?.notice.text.zh).toContain(`${people} 人`)
      for (const days of [2, -0.5, -0.6, -1.5]) {
        await dueIn(id, days)
        await rounds.look()
      }
      expect(await stages()).toEqual(['begun', 'late:0', 'late:1', 'soon'])
    })

    it('is overdue in the lists of administrators and auditors, and one alert on the desk, however often it is looked at', async () => {
      const { id } = await admin.ok('reviewOpen')
      const rounds = gateway.app.get(Rounds)
      const alerts = async () => {
        await gateway.settled()
        return (await analyst.ok('alerts')).items.filter(({ event_id }) => event_id === id)
      }
      await rounds.look()
      const listed = async (who: TestClient) => (await who.ok('reviews')).items.find((each) => each.id === id)
      expect(await listed(auditor)).toMatchObject({ overdue: false })
      expect(await alerts()).toEqual([])
      await dueIn(id, -1)
      await Promise.all([rounds.look(), rounds.look()])
      await rounds.look()
      for (const who of [admin, auditor]) {
        expect(await listed(who)).toMatchObject({ overdue: true })
        expect(await who.ok('review', { params: { id } })).toMatchObject({ overdue: true })
      }
      expect((await manager.ok('reviewMine')).review).toMatchObject({ id, overdue: true })
      await until(async () => (await alerts()).length)
      expect(await alerts()).toMatchObject([{ rule: 'access-review-overdue', severity: 'high' }])
      const [alert] = await alerts()
      const told = await gateway.records.db
        .select()
        .from(notices)
        .where(eq(notices.id, `alert:${alert?.id}`))
      expect(told).toEqual([]) // the reminders tell, and not twice
      const everybody = await auditor.ok('review', { params: { id } })
      const names = everybody.items.filter(({ decision }) => !decision).map(({ reviewer }) => reviewer)
      expect(names).toContain(manager.accountId)
    })
  })
})
