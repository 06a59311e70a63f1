import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Role, RouteName } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { newApproval } from '../approvals/testing/new-approval.js'
import type { Account } from '../identity/account.js'
import { accounts, freezes, powerChanges, recoveries, ruleVersions } from '../record-store/schema.js'
import type { Call, TestClient } from '../testing/client.js'
import { newCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { proven, provenOk } from '../testing/proof.js'

const dayMs = 86_400_000
const reason = 'as discussed'

describe('one administrator who makes the second person', () => {
  let gateway: TestGateway
  let admin: TestClient
  let other: TestClient
  let customer: string
  beforeAll(async () => {
    gateway = await startTestGateway()
    admin = await gateway.signedIn('admin')
    other = await gateway.signedIn('admin')
    customer = (await newCustomer(await gateway.signedIn('staff'))).id
    await gateway.records.db.update(accounts).set({ createdAt: new Date(Date.now() - 30 * dayMs) })
  })
  afterAll(() => gateway?.stop())

  const write = (id: string, set: Partial<Account>) =>
    gateway.records.db.update(accounts).set(set).where(eq(accounts.id, id))
  const codeOf = async <R extends RouteName>(by: TestClient, name: R, call: Call<R>) => {
    const { status, body } = await proven(gateway, by, name, call)
    return status < 300 ? status : body.code
  }
  /** whom the first administrator opened a moment ago, and whose password they know */
  const puppet = async (role: Role): Promise<TestClient> => {
    const person = await gateway.person(role)
    const params = { id: person.account.id }
    await provenOk(gateway, admin, 'accountUpdate', { params, body: { status: 'disabled' } })
    await provenOk(gateway, admin, 'accountUpdate', { params, body: { status: 'active' } })
    const client = gateway.stranger(person)
    await client.signIn(person)
    return client
  }
  const decidesFrom = async (id: string) => (await other.ok('person', { params: { id } })).decides?.from ?? ''
  const confirm = (by: TestClient, id: string, decides_from: string) =>
    codeOf(by, 'deciderConfirm', { params: { id }, body: { decides_from } })
  const asked = async (by: TestClient) => {
    const customer_ids = [(await newCustomer(by)).id]
    const scope = { use: 'reveal' as const, fields: ['id_number' as const], most: 1, minutes: 30 }
    const body = { ...scope, customer_ids, purpose: 'identity_check' as const, reason: 'to look' }
    return (await by.ok('approvalAsk', { body })).id
  }
  const approve = (by: TestClient, id: string) =>
    codeOf(by, 'approvalDecide', { params: { id }, body: { decision: 'approve', reason } })

  it('decides nothing through them until another administrator confirms one, who is another', async () => {
    const [clerk, manager, second] = [await puppet('staff'), await puppet('manager'), await gateway.signedIn('admin')]
    const id = await asked(clerk)
    const from = await decidesFrom(manager.accountId)
    expect(Math.round((Date.parse(from) - Date.now()) / 3_600_000)).toBe(24)
    expect(await manager.ok('me')).toMatchObject({ decides_from: from })
    const refused = await proven(gateway, manager, 'approvalDecide', {
      params: { id },
      body: { decision: 'approve', reason },
    })
    expect(refused).toMatchObject({ status: 409, body: { code: 'decider_too_new', decides_from: from } })
    expect(await approve(admin, id)).toBe('second_person_required') // who let the clerk in
    expect(await clerk.ok('approval', { params: { id } })).toMatchObject({ state: 'pending' })

    const unproven = { params: { id: manager.accountId }, body: { decides_from: from } }
    expect((await other.call('deciderConfirm', unproven)).body.code).toBe('step_up_required')
    expect(await confirm(admin, manager.accountId, from)).toBe('second_person_required') // who gave it
    expect(await confirm(manager, manager.accountId, from)).toBe('not_allowed')
    const given = { decidesFrom: new Date(Date.now() + dayMs), decidesGivenBy: admin.accountId }
    await write(second.accountId, given)
    expect(await confirm(second, manager.accountId, from)).toBe('decider_too_new') // a puppet themself
    await write(second.accountId, { decidesFrom: null, decidesGivenBy: null, demo: true })
    expect(await confirm(second, manager.accountId, from)).toBe('second_person_required')
    await write(second.accountId, { role: 'auditor', demo: false })
    expect(await approve(manager, id)).toBe('decider_too_new')

    expect(await confirm(other, manager.accountId, new Date().toISOString())).toBe('conflict') // another change
    expect(await confirm(other, manager.accountId, from)).toBe(200)
    expect(await confirm(other, manager.accountId, from)).toBe('conflict')
    expect((await manager.ok('me')).decides_from).toBeUndefined()
    expect(await approve(manager, id)).toBe(200)
  })

  it('or until the time has come', async () => {
    const [clerk, manager] = [await puppet('staff'), await puppet('manager')]
    const [one, two] = [await asked(clerk), await asked(clerk)]
    await write(manager.accountId, { decidesFrom: new Date(Date.now() - 1000) })
    expect(await approve(manager, one)).toBe(200)
    expect((await other.ok('person', { params: { id: manager.accountId } })).decides).toBeUndefined()
    expect(await approve(admin, two)).toBe('second_person_required')
    expect(await approve(other, two)).toBe(200) // who had no hand in it
  })

  it('nor does an emergency stand in for the second person: each puppet would see five customers', async () => {
    const clerk = await puppet('staff')
    const body = {
      customer_ids: [(await newCustomer(clerk)).id],
      fields: ['id_number' as const],
      purpose: 'identity_check' as const,
      reason,
    }
    expect(await codeOf(clerk, 'approvalBreakGlass', { body })).toBe('decider_too_new')
    expect(await confirm(other, clerk.accountId, await decidesFrom(clerk.accountId))).toBe(200)
    expect(await codeOf(clerk, 'approvalBreakGlass', { body })).toBe(200)
  })

  it('nor does a group of a directory, through whoever asks: no administrator decides that, and nobody confirms it', async () => {
    const clerk = await gateway.signedIn('manager')
    await write(clerk.accountId, { decidesFrom: new Date(Date.now() + dayMs), decidesGivenBy: null })
    const id = await newApproval(gateway.records, clerk.accountId, [customer])
    expect(await approve(other, id)).toBe('second_person_required')
    expect(await confirm(other, clerk.accountId, await decidesFrom(clerk.accountId))).toBe('second_person_required')
    expect(await approve(await gateway.signedIn('manager', { branch: 'shanghai' }), id)).toBe(200)
  })

  it('nor do demo people stand in for anybody of the house', async () => {
    const [clerk, manager] = [await gateway.signedIn('staff'), await gateway.signedIn('manager')]
    const id = await asked(clerk)
    await write(manager.accountId, { demo: true })
    expect(await approve(manager, id)).toBe('second_person_required')
  })

  it('is objected to in time: somebody else takes the role away, or freezes, and lifting it begins the time anew', async () => {
    const manager = await puppet('manager')
    const params = { id: manager.accountId }
    const from = new Date(Date.now() + 1_800_000)
    await write(params.id, { decidesFrom: from })
    await other.ok('personFreeze', { params, body: { reason, minutes: 60 } })
    expect(await codeOf(admin, 'personLift', { params, body: { reason } })).toBe(200)
    expect(Date.parse(await decidesFrom(params.id))).toBeGreaterThan(+from + 20 * 3_600_000)
    await provenOk(gateway, other, 'accountUpdate', { params, body: { role: 'finance' } })
    expect(await decidesFrom(params.id)).toBe('')
    await provenOk(gateway, admin, 'accountUpdate', { params, body: { role: 'manager' } })
    expect(await confirm(admin, params.id, await decidesFrom(params.id))).toBe('second_person_required')
  })

  it('and a confirmation that races with another change confirms what was seen, never the change', async () => {
    const { account } = await gateway.person('manager')
    const params = { id: account.id }
    for (const branch of ['beijing', 'suzhou', 'wuxi']) {
      await provenOk(gateway, admin, 'accountUpdate', { params, body: { branch: `${branch}-east` } })
      const from = await decidesFrom(params.id)
      const change = provenOk(gateway, admin, 'accountUpdate', { params, body: { branch } })
      const [confirmed] = await Promise.all([confirm(other, params.id, from), change])
      expect([200, 'conflict']).toContain(confirmed)
      expect(Date.parse(await decidesFrom(params.id))).toBeGreaterThan(Date.parse(from))
    }
  })

  describe('finds every decision closed that takes two:', () => {
    let late: TestClient
    let desk: TestClient
    beforeAll(async () => {
      late = await gateway.signedIn('admin')
      desk = await gateway.signedIn('analyst')
      const given = { decidesFrom: new Date(Date.now() + dayMs), decidesGivenBy: admin.accountId }
      for (const { accountId } of [late, desk]) await write(accountId, given)
    })
    const frozen = async () => {
      const { account } = await gateway.person('staff')
      await other.ok('personFreeze', { params: { id: account.id }, body: { reason, minutes: 60 } })
      return { id: account.id }
    }
    const rule = async (author: string) => {
      const name = `rule-${uuidv7()}`
      const text = ['title: Nothing', `name: ${name}`, 'logsource: { product: custodia, category: access }']
      const more = [
        'detection: { selection: { actor: nobody }, condition: selection }',
        'custodia: { respond: [alert, freeze: 4h] }',
      ]
      await gateway.records.db.insert(ruleVersions).values({
        name,
        number: 1,
        yaml: `${[...text, ...more].join('\n')}\n`,
        reason,
        twoPersons: true,
        rollbackTo: 1, // takes no backtest
        proposedAt: new Date(),
        author,
        state: 'proposed',
      })
      return { id: name, number: '1' }
    }

    it('approvals and reviews of emergencies', async () => {
      const { account } = await gateway.person('staff')
      const request = await newApproval(gateway.records, account.id, [customer])
      const glass = {
        kind: 'break_glass' as const,
        decision: 'approve' as const,
        reviewBy: new Date(Date.now() + dayMs),
      }
      const emergency = await newApproval(gateway.records, account.id, [customer], glass)
      expect(await approve(late, request)).toBe('decider_too_new')
      for (const by of [late, desk]) {
        const call = { params: { id: emergency }, body: { verdict: 'justified' as const, note: reason } }
        expect(await codeOf(by, 'approvalReview', call)).toBe('decider_too_new')
      }
    })

    it('lifts, asking for one and ending measures', async () => {
      for (const name of ['personLift', 'personLiftAsk', 'personUnrestrict'] as const)
        expect([name, await codeOf(desk, name, { params: await frozen(), body: { reason } })]).toEqual([
          name,
          'decider_too_new',
        ])
    })

    it('lifts that somebody of the demonstration asked for', async () => {
      const [params, demo] = [await frozen(), await gateway.person('analyst')]
      await write(demo.account.id, { demo: true })
      const asked = { twoPersons: true, liftAskedBy: demo.account.id }
      await gateway.records.db.update(freezes).set(asked).where(eq(freezes.accountId, params.id))
      expect(await codeOf(other, 'personLift', { params, body: { reason } })).toBe('second_person_required')
    })

    it('rules that freeze, and those that somebody new wrote, by whoever let them in', async () => {
      expect(await codeOf(late, 'ruleApprove', { params: await rule(other.accountId), body: { reason } })).toBe(
        'decider_too_new',
      )
      expect(await codeOf(admin, 'ruleApprove', { params: await rule(desk.accountId), body: { reason } })).toBe(
        'second_person_required',
      )
      const gone = await rule(uuidv7()) // by somebody of the demonstration, whose data was removed since
      expect(await codeOf(other, 'ruleApprove', { params: gone, body: { reason } })).toBe('second_person_required')
      expect(await codeOf(other, 'ruleApprove', { params: await rule(desk.accountId), body: { reason } })).toBe(200)
    })

    it('resets of lost factors, changes of power and access reviews', async () => {
      const { account } = await gateway.person('staff')
      const [recovery, power] = [uuidv7(), uuidv7()]
      await gateway.records.db
        .insert(recoveries)
        .values({ id: recovery, accountId: account.id, reason, askedBy: other.accountId })
      await gateway.records.db
        .insert(powerChanges)
        .values({ id: power, kind: 'administrator', target: account.id, reason, askedBy: other.accountId })
      const told = { params: { id: recovery }, body: { told: 'face to face' } }
      expect(await codeOf(late, 'recoveryApprove', told)).toBe('decider_too_new')
      expect(await codeOf(late, 'powerConfirm', { params: { id: power } })).toBe('decider_too_new')
      const { id } = await provenOk(gateway, other, 'reviewOpen')
      const people = { params: { id }, body: { accounts: [account.id] } }
      expect(await codeOf(late, 'reviewConfirm', people)).toBe('decider_too_new')
      expect((await other.call('reviewConfirm', people)).status).toBe(204)
    })
  })

  it('which the policy page tells, with whoever could confirm', async () => {
    expect((await other.ok('policy')).decider_wait).toEqual({ hours: 24 })
  })
})
