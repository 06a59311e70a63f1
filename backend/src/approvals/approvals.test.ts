import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { AccessEvent, BodyInput, Routes } from '@custodia/contracts'
import { readLog } from '@custodia/streams/integrity'
import { eq } from 'drizzle-orm'
import { alerts, approvals, approvalUses, customers } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { proofFor, proven, provenOk } from '../testing/proof.js'
import { until } from '../testing/settled.js'
import { OverdueReviews } from './overdue-reviews.js'
import { approved, newApproval } from './testing/new-approval.js'

let gateway: TestGateway
let clerk: TestClient
let manager: TestClient
let analyst: TestClient
let customer: string
beforeAll(async () => {
  gateway = await startTestGateway()
  manager = await gateway.signedIn('manager')
  analyst = await gateway.signedIn('analyst')
})
beforeEach(async () => {
  clerk = await gateway.signedIn('staff')
  customer = (await newCustomer(clerk)).id
})
afterAll(() => gateway?.stop())

const purpose = 'identity_check' as const
const scope = { use: 'reveal' as const, fields: ['id_number' as const], most: 1, purpose, minutes: 30 }
const ask = (over: Partial<BodyInput<Routes['approvalAsk']>> = {}, by = clerk) =>
  by.call('approvalAsk', { body: { ...scope, customer_ids: [customer], reason: 'to check a contract', ...over } })
const decide = (id: string, by = manager, decision: 'approve' | 'deny' = 'approve') =>
  proven(gateway, by, 'approvalDecide', { params: { id }, body: { decision, reason: 'as discussed' } })
const given = (over: object = {}) =>
  newApproval(gateway.records, clerk.accountId, [customer], { ...approved, most: 1, ...over })
const reveal = (approval_id?: string, over: object = {}, id = customer, by = clerk) =>
  proven(gateway, by, 'customerReveal', {
    params: { id },
    body: { fields: ['id_number'], purpose, approval_id, ...over },
  })
const codeOf = async (asked: Promise<{ body: { code?: string } }>) => (await asked).body.code
const usedOf = async (id: string) => {
  const [row] = await gateway.records.db.select({ used: approvals.used }).from(approvals).where(eq(approvals.id, id))
  return row?.used
}

describe('an ID number', () => {
  it('takes an approval: asked, approved by somebody else, used, and used up', async () => {
    expect(await codeOf(reveal())).toBe('approval_required')
    const { id } = (await ask()).body
    expect(await codeOf(reveal(id))).toBe('approval_exceeded')
    expect((await decide(id)).body).toMatchObject({ state: 'approved', used: 0 })
    const used = await reveal(id)
    expect(used.status).toBe(200)
    expect(used.body['id_number']).toMatch(/^\d{17}[\dX]$/)
    expect((await reveal(id)).body).toMatchObject({ code: 'approval_exceeded', beyond: 'count' })
    const detail = await clerk.ok('approval', { params: { id } })
    expect(detail).toMatchObject({
      state: 'used_up',
      used: 1,
      uses: [{ event_id: used.eventId, customer_id: customer }],
    })
    await gateway.settled()
    const told: AccessEvent[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(Buffer.from(value).toString()) as AccessEvent
      if (event.approval_id === id) told.push(event)
    }
    expect(told.map(({ action, outcome, reason }) => [action, outcome, reason])).toEqual(
      expect.arrayContaining([
        ['approval', 'granted', 'to check a contract'],
        ['approval', 'granted', 'as discussed'],
        ['reveal', 'held', undefined],
        ['reveal', 'refused', 'approval_exceeded'],
      ]),
    )
  })

  it.each([
    ['purpose', { purpose: 'contract' }],
    ['field', { fields: ['id_number', 'phone'] }],
  ])('is refused beyond the %s, and that use does not count', async (beyond, over) => {
    const id = await given()
    expect((await reveal(id, over)).body).toMatchObject({ code: 'approval_exceeded', beyond })
    expect(await usedOf(id)).toBe(0)
  })

  it('is refused of another customer, after the period, by another person, in another way', async () => {
    const other = (await newCustomer(clerk)).id
    const id = await given()
    expect((await reveal(id, {}, other)).body).toMatchObject({ beyond: 'customer' })
    const colleague = await gateway.signedIn('staff')
    expect(await codeOf(reveal(id, {}, customer, colleague))).toBe('not_found')
    const late = await given({ until: new Date(Date.now() - 1000) })
    expect((await reveal(late)).body).toMatchObject({ beyond: 'period' })
    const body = { customer_ids: [customer], fields: ['id_number' as const], purpose, approval_id: id }
    expect((await proven(gateway, clerk, 'customerExport', { body })).body).toMatchObject({ beyond: 'use' })
    expect(await usedOf(id)).toBe(0)
  })

  it('is shown once when the last use is asked for by two requests at once', async () => {
    const id = await given()
    const answers = await Promise.all([reveal(id), reveal(id), reveal(id)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403])
    expect(await usedOf(id)).toBe(1)
    expect(await gateway.records.db.select().from(approvalUses).where(eq(approvalUses.approvalId, id))).toHaveLength(1)
  })

  it('of nobody’s knowledge is asked for by a search that finds it now', async () => {
    const { body } = await ask({ customer_ids: undefined, search: { mine: 'true' } })
    expect(body.customers).toBe(1)
  })
})

describe('before the proof', () => {
  /** one request, without any proof */
  const bare = async (approval_id?: string, over: object = {}, id = customer, by = clerk) =>
    by.call('customerReveal', { params: { id }, body: { fields: ['id_number'], purpose, approval_id, ...over } })
  const exported = (over: object) =>
    clerk.call('customerExport', { body: { customer_ids: [customer], fields: ['id_number'], purpose, ...over } })

  it('is told what is missing, spent, over or beyond the scope; the proof is asked for where it is of use', async () => {
    expect((await bare()).body).toMatchObject({ code: 'approval_required', fields: ['id_number'] })
    expect((await exported({})).body).toMatchObject({ code: 'approval_required', fields: ['id_number'] })
    const id = await given()
    expect(await codeOf(bare(id))).toBe('step_up_required')
    const beyond = async (asked: Promise<{ body: object }>) => (await asked).body
    expect(await beyond(bare(id, { purpose: 'contract' }))).toMatchObject({ beyond: 'purpose' })
    expect(await beyond(bare(id, { fields: ['id_number', 'phone'] }))).toMatchObject({ beyond: 'field' })
    expect(await beyond(bare(id, {}, (await newCustomer(clerk)).id))).toMatchObject({ beyond: 'customer' })
    expect(await beyond(exported({ approval_id: id }))).toMatchObject({ beyond: 'use' })
    expect(await beyond(bare(await given({ used: 1 })))).toMatchObject({ beyond: 'count' })
    expect(await beyond(bare(await given({ until: new Date(Date.now() - 1000) })))).toMatchObject({ beyond: 'period' })
    expect(await beyond(bare(await given({ endedAt: new Date(), endedBy: 'somebody' })))).toMatchObject({
      beyond: 'revoked',
    })
    expect(await codeOf(bare(id, { purpose: undefined }))).toBe('purpose_required')
    expect(await codeOf(bare(id, { fields: ['id_number', 'nothing'] }))).toBe('invalid_input')
    expect(await usedOf(id)).toBe(0)
  })

  it('names the approvals that would do, and no others', async () => {
    const id = await given()
    await given({ used: 1 })
    await given({ purpose: 'contract' })
    await newApproval(gateway.records, manager.accountId, [customer], approved)
    expect((await bare()).body).toMatchObject({ code: 'approval_required', approvals: [id] })
    expect((await bare(undefined, {}, (await newCustomer(clerk)).id)).body).toMatchObject({ approvals: [] })
    const search = (approval: string, by = clerk) => by.ok('customersSearch', { query: { approval } })
    expect((await search(id)).items.map((each) => each.id)).toEqual([customer])
    expect((await search(id, manager)).items).toHaveLength(1)
    expect((await search(id, await gateway.signedIn('staff'))).items).toEqual([]) // may see the customer, not the request
  })

  it('nothing is told of a customer, nor of what somebody else was granted', async () => {
    const elsewhere = (await newCustomer(await gateway.signedIn('staff', { branch: 'beijing' }))).id
    const absent = '00000000-0000-7000-8000-000000000000'
    for (const asked of [undefined, await given()]) {
      const [strange, none] = [(await bare(asked, {}, elsewhere)).body, (await bare(asked, {}, absent)).body]
      const same = { ...strange, request_id: undefined, instance: undefined }
      expect({ ...none, request_id: undefined, instance: undefined }).toEqual(same)
    }
    expect(await codeOf(bare(await given(), {}, customer, await gateway.signedIn('staff')))).toBe('not_found')
  })

  it('whoever reaches for a decoy is written down as doing so', async () => {
    await gateway.records.db.update(customers).set({ canary: true }).where(eq(customers.id, customer))
    const { eventId } = await bare()
    await gateway.settled()
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(Buffer.from(value).toString()) as AccessEvent
      if (event.id === eventId)
        return expect(event).toMatchObject({
          outcome: 'refused',
          reason: 'approval_required',
          canary: true,
          customer_id: customer,
          fields: ['id_number'],
        })
    }
    throw new Error('nothing was written down')
  })

  it('two that were both told to go on are counted as ever: one is served', async () => {
    const id = await given()
    const asked = { params: { id: customer }, body: { fields: ['id_number' as const], purpose, approval_id: id } }
    const proofs = [
      await proofFor(gateway, clerk, 'customerReveal', asked),
      await proofFor(gateway, clerk, 'customerReveal', asked),
    ]
    const answers = await Promise.all(proofs.map((headers) => clerk.call('customerReveal', { ...asked, headers })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
    expect(await usedOf(id)).toBe(1)
  })

  it('of a hundred at once exactly as many are served as were allowed', async () => {
    const most = 7
    const id = await given({ most })
    const asked = { params: { id: customer }, body: { fields: ['id_number' as const], purpose, approval_id: id } }
    const proofs = await Promise.all(
      Array.from({ length: 100 }, () => proofFor(gateway, clerk, 'customerReveal', asked)),
    )
    const answers = await Promise.all(proofs.map((headers) => clerk.call('customerReveal', { ...asked, headers })))
    const served = answers.filter(({ status }) => status === 200)
    expect(served).toHaveLength(most)
    // and the database has connections left for everybody else
    const others = new Set(answers.filter((answer) => !served.includes(answer)).map(({ body }) => body.code))
    expect([...others]).toEqual(['approval_exceeded'])
    expect(await usedOf(id)).toBe(most)
    const uses = await gateway.records.db.$count(approvalUses, eq(approvalUses.approvalId, id))
    expect(uses).toBe(most)
  }, 120_000)
})

describe('a decision', () => {
  it('is never one’s own', async () => {
    const { id } = (await ask({}, manager)).body
    expect(await codeOf(decide(id))).toBe('second_person_required')
    expect((await decide(id, await gateway.signedIn('manager'))).status).toBe(200)
  })

  it('is made once, of two at the same time', async () => {
    const { id } = (await ask()).body
    const second = await gateway.signedIn('manager')
    const answers = await Promise.all([decide(id), decide(id, second, 'deny')])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  it('is the branch’s own manager’s, and takes a fresh proof', async () => {
    const { id } = (await ask()).body
    expect(await codeOf(decide(id, await gateway.signedIn('manager', { branch: 'beijing' })))).toBe('not_allowed')
    const plain = { params: { id }, body: { decision: 'approve' as const, reason: 'as discussed' } }
    expect(await codeOf(clerk.call('approvalDecide', plain))).toBe('not_allowed')
    expect(await codeOf(manager.call('approvalDecide', plain))).toBe('step_up_required')
  })

  it('waits where whoever may decide sees it from every page, and nobody else does', async () => {
    const [first, other] = [await gateway.signedIn('manager'), await gateway.signedIn('manager', { branch: 'beijing' })]
    const waiting = async (who: TestClient) => (await who.ok('me')).approvals_waiting
    const before = (await waiting(first)) ?? 0
    const { id } = (await ask()).body
    expect(await waiting(first)).toBe(before + 1)
    expect([await waiting(other), await waiting(clerk)]).toEqual([0, undefined])
    await ask({}, first) // one's own is nobody's to decide for oneself
    expect(await waiting(first)).toBe(before + 1)
    await decide(id)
    expect(await waiting(first)).toBe(before)
  })

  it('and what was asked are seen by who asked, by their branch’s managers and by those who see all; in no list by others', async () => {
    const { id } = (await ask()).body
    const seenBy = async (who: TestClient) => {
      const lists: string[] = []
      for (const list of ['mine', 'decide', 'review', 'all'] as const) {
        const { status, body } = await who.call('approvals', { query: { list } })
        if (status !== 200) lists.push(body.code ?? '')
        else if (body.items.some((item) => item.id === id)) lists.push(list)
      }
      return [[...new Set(lists)].join(' '), (await who.call('approval', { params: { id } })).status]
    }
    expect(await seenBy(clerk)).toEqual(['mine all', 200])
    expect(await seenBy(manager)).toEqual(['decide all', 200])
    expect(await seenBy(await gateway.signedIn('admin'))).toEqual(['decide all', 200])
    expect(await seenBy(analyst)).toEqual(['all', 200])
    expect(await seenBy(await gateway.signedIn('auditor'))).toEqual(['all', 200])
    for (const [role, branch] of [
      ['staff', 'shanghai'],
      ['manager', 'beijing'],
    ] as const) {
      const [lists, status] = await seenBy(await gateway.signedIn(role, { branch }))
      expect([role, lists, [403, 404].includes(Number(status))]).toEqual([role, '', true])
    }
    for (const role of ['service', 'finance'] as const)
      expect(await seenBy(await gateway.signedIn(role))).toEqual(['not_allowed', 403])
  })

  it('denied or revoked ends it', async () => {
    const denied = (await ask()).body.id
    await decide(denied, manager, 'deny')
    expect((await reveal(denied)).body).toMatchObject({ beyond: 'denied' })
    const id = await given()
    await manager.ok('approvalRevoke', { params: { id }, body: { reason: 'no longer needed' } })
    expect((await reveal(id)).body).toMatchObject({ beyond: 'revoked' })
  })

  it('of a frozen requester is no decision, and a freeze ends what was approved, also when it is lifted', async () => {
    const waiting = (await ask()).body.id
    const id = await given()
    const person = { params: { id: clerk.accountId } }
    await analyst.ok('personFreeze', { ...person, body: { reason: 'a test', minutes: 30 } })
    expect(await codeOf(decide(waiting))).toBe('conflict')
    await provenOk(gateway, analyst, 'personLift', { ...person, body: { reason: 'looked at it' } })
    expect(await codeOf(decide(waiting))).toBe('conflict')
    expect((await manager.ok('approval', { params: { id } })).state).toBe('frozen')
  })

  it('is not asked for what one does not see, nor for what one’s role never gets', async () => {
    const elsewhere = await gateway.signedIn('staff', { branch: 'beijing' })
    expect(await codeOf(ask({}, elsewhere))).toBe('not_allowed')
    expect(await codeOf(ask({ customer_ids: ['nobody'] }))).toBe('not_found')
    expect(await codeOf(ask({}, await gateway.signedIn('service')))).toBe('not_allowed')
  })
})

describe('breaking the glass', () => {
  const emergency = () =>
    provenOk(gateway, clerk, 'approvalBreakGlass', {
      body: {
        fields: ['id_number'],
        purpose,
        customer_ids: [customer],
        reason: 'customer at the desk, nobody answers',
      },
    })

  it('works at once, is loud, counts, and is reviewed by somebody else', async () => {
    const { id, review_by } = await emergency()
    expect(Date.parse(review_by!) - Date.now()).toBeLessThanOrEqual(24 * 3_600_000)
    expect((await reveal(id)).status).toBe(200)
    expect((await reveal(id)).body).toMatchObject({ beyond: 'count' })
    await until(
      async () => (await gateway.records.db.select().from(alerts).where(eq(alerts.actor, clerk.accountId))).length,
    )
    const review = (by: TestClient) =>
      proven(gateway, by, 'approvalReview', { params: { id }, body: { verdict: 'justified', note: 'seen the log' } })
    const own = { params: { id }, body: { verdict: 'justified' as const, note: 'seen the log' } }
    expect(await codeOf(clerk.call('approvalReview', own))).toBe('not_allowed')
    expect((await analyst.ok('approvals', { query: { list: 'review' } })).items.map((each) => each.id)).toContain(id)
    expect((await review(analyst)).body).toMatchObject({ verdict: 'justified' })
    expect(await codeOf(review(manager))).toBe('conflict')
  })

  it('is had once, however many are asked for at the same moment, until it is reviewed', async () => {
    const body = { fields: ['id_number' as const], purpose, customer_ids: [customer], reason: 'nobody answers' }
    const clerks = await gateway.signedIn('staff')
    const headers = await Promise.all([1, 2, 3].map(() => proofFor(gateway, clerks, 'approvalBreakGlass', { body })))
    const asked = await Promise.all(headers.map((each) => clerks.call('approvalBreakGlass', { body, headers: each })))
    const told = asked.map(({ status, body: answer }) => [status, (answer as { code?: string }).code])
    expect(told.sort()).toEqual([
      [200, undefined],
      [409, 'emergency_unreviewed'],
      [409, 'emergency_unreviewed'],
    ])
  })

  it('and not reviewed within a day is told to everybody, once', async () => {
    const { id } = await emergency()
    const past = new Date(Date.now() - 1000)
    await gateway.records.db.update(approvals).set({ reviewBy: past }).where(eq(approvals.id, id))
    const sweeper = gateway.app.get(OverdueReviews, { strict: false })
    await sweeper.sweep()
    await sweeper.sweep()
    const found = async () =>
      (await gateway.records.db.select().from(alerts).where(eq(alerts.rule, 'break-glass-review'))).length
    await until(found)
    expect(await found()).toBe(1)
    expect((await manager.ok('approvals', { query: { list: 'review' } })).overdue).toBe(1)
  })

  it('is had no further while one’s own waits for its review, nor used once that is overdue; what was approved goes on', async () => {
    const overdue = (await emergency()).id
    await gateway.records.db
      .update(approvals)
      .set({ reviewBy: new Date(Date.now() - 1000) })
      .where(eq(approvals.id, overdue))
    const again = () =>
      proven(gateway, clerk, 'approvalBreakGlass', {
        body: { fields: ['id_number'], purpose, customer_ids: [customer], reason: 'the same customer, once more' },
      })
    expect((await again()).body).toMatchObject({ status: 409, code: 'emergency_unreviewed' })
    expect(await codeOf(reveal(overdue))).toBe('emergency_unreviewed') // told before the proof
    expect((await reveal()).body).toMatchObject({ code: 'approval_required', approvals: [] })
    expect(await usedOf(overdue)).toBe(0)
    expect((await reveal(await given())).status).toBe(200)
    const running = await given({ kind: 'break_glass', reviewBy: new Date(Date.now() + 3_600_000) })
    const asked = { params: { id: customer }, body: { fields: ['id_number' as const], purpose, approval_id: running } }
    const body = { verdict: 'justified' as const, note: 'seen the log' }
    await provenOk(gateway, manager, 'approvalReview', { params: { id: overdue }, body })
    const headers = await proofFor(gateway, clerk, 'customerReveal', asked)
    const late = (reviewedAt: Date | null) =>
      gateway.records.db.update(approvals).set({ reviewedAt }).where(eq(approvals.id, overdue))
    await late(null) // overdue between the proof and the use
    expect(await codeOf(clerk.call('customerReveal', { ...asked, headers }))).toBe('emergency_unreviewed')
    expect(await usedOf(running)).toBe(0)
    await late(new Date())
    expect((await reveal(running)).status).toBe(200)
    expect((await again()).status).toBe(409) // this one waits for its review as well
    await provenOk(gateway, manager, 'approvalReview', { params: { id: running }, body })
    expect((await again()).status).toBe(200)
  })
})
