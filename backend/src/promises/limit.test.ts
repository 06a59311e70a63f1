import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent, FrozenDetail } from '@custodia/contracts'
import { readLog } from '@custodia/streams/integrity'
import type { TestClient } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway, type TestPerson } from '../testing/gateway.js'
import { proven, provenOk } from '../testing/proof.js'
import { shippedRule } from '../testing/rules.js'
import { until } from '../testing/settled.js'

const inParallel = 64
const purpose = 'identity_check'

describe('a limit of N', () => {
  const views = randomInt(5, 40)
  const downloads = randomInt(2, 6)
  let gateway: TestGateway
  let person: TestPerson
  let clerk: TestClient
  let analyst: TestClient
  const customers: KeptCustomer[] = []

  beforeAll(async () => {
    gateway = await startTestGateway({
      rules: {
        // The freeze would end the run before all 64 have been answered by the limit.
        ...shippedRule('bulk-photo-view', { limit: views, respond: '[alert]' }),
        ...shippedRule('bulk-photo-download', { limit: downloads, respond: '[alert, freeze: 1h]' }),
      },
    })
    person = await gateway.person('staff')
    clerk = gateway.stranger(person)
    await clerk.signIn(person)
    analyst = await gateway.signedIn('analyst')
    for (let n = 0; n < inParallel; n++) customers.push(await newCustomer(clerk))
  })
  afterAll(() => gateway?.stop())

  const view = ({ photo }: KeptCustomer) => clerk.call('photoView', { params: { id: photo }, query: { purpose } })
  const download = ({ photo }: KeptCustomer) =>
    clerk.call('photoDownload', { params: { id: photo }, query: { purpose } })
  const customer = (n: number): KeptCustomer => customers[n] as KeptCustomer
  const alertsOf = async (rule: string) =>
    (await analyst.ok('alerts', { query: { actor: person.account.id } })).items.filter((alert) => alert.rule === rule)
  const logged = async (action: AccessEvent['action']) => {
    const events: AccessEvent[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(value.toString()) as AccessEvent
      if (event.action === action) events.push(event)
    }
    return events
  }

  it(`serves exactly N of ${inParallel} photos asked for at once (N = ${views})`, async () => {
    const answers = await Promise.all(customers.map((one) => view(one)))
    const served = answers.filter(({ status }) => status === 200)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(served).toHaveLength(views)
    for (const { bytes, headers } of served)
      expect([bytes.length > 0, headers['content-type']]).toEqual([true, 'image/jpeg'])
    for (const { status, body } of refused)
      expect({ status, ...body }).toMatchObject({
        status: 403,
        code: 'limit_reached',
        rule: 'bulk-photo-view',
        limit: views,
      })
    await gateway.settled()
    const rows = await gateway.audit.query<{ final_outcome: string; n: number }>(
      `select final_outcome, count() as n from accesses where action = 'photo_view' group by final_outcome order by final_outcome`,
    )
    expect(rows.map((row) => [row.final_outcome, Number(row.n)])).toEqual([
      ['allowed', views],
      ['refused', inParallel - views],
    ])
    // Again, one after the other: whose photo was seen stays open, whose was not stays closed.
    const seen = new Set(served.map(({ eventId }) => eventId))
    for (const [n, answer] of answers.entries())
      expect((await view(customer(n))).status).toBe(seen.has(answer.eventId) ? 200 : 403)
  })

  it('tells the desk once, with the numbers', async () => {
    const raised = await until(async () => (await alertsOf('bulk-photo-view')).at(0))
    expect(raised).toMatchObject({
      value: views + 1,
      limit: views,
      actor: person.account.id,
      evidence_total: views + 1,
    })
    expect(raised.actor_name).toBe(person.account.displayName)
    await gateway.settled()
    expect(await alertsOf('bulk-photo-view')).toHaveLength(1)
  })

  it(`lets N downloads pass and refuses the one after (N = ${downloads})`, async () => {
    for (let n = 0; n < downloads; n++) expect((await download(customer(0))).status).toBe(200)
    const { status, body } = await download(customer(0))
    expect({ status, ...body }).toMatchObject({ status: 403, code: 'limit_reached', limit: downloads })
  })

  let frozen: FrozenDetail
  it('freezes, and says why, until when and whom to ask', async () => {
    const answer = await until(async () => {
      const reply = await clerk.call('customerView', { params: { id: customer(0).id } })
      return reply.status === 200 ? undefined : reply
    })
    expect(answer.status).toBe(423)
    frozen = answer.body as unknown as FrozenDetail
    expect(frozen).toMatchObject({
      code: 'account_frozen',
      frozen_rule: 'bulk-photo-download',
      contact: 'security desk',
    })
    expect(frozen.frozen_reason).toBeTruthy()
    expect(Date.parse(frozen.frozen_until)).toBeGreaterThan(Date.now())
    const attempt = { username: person.account.username, password: person.password }
    const signIn = await gateway.stranger(person).call('signInPassword', { body: attempt })
    expect({ status: signIn.status, ...signIn.body }).toMatchObject({ status: 423, case_id: frozen.case_id })
    await gateway.settled()
    const [raised, ...more] = await alertsOf('bulk-photo-download')
    expect([raised?.limit, more]).toEqual([downloads, []])
    expect(await logged('freeze')).toMatchObject([
      { actor: 'system', subject: person.account.id, record_id: raised?.id, outcome: 'granted' },
    ])
  })

  it('takes the request of the frozen person to the analyst, who lifts with a reason', async () => {
    await gateway.stranger().ok('liftRequest', { body: { ticket: frozen.ticket, message: 'a big month-end' } })
    const seen = await analyst.ok('person', { params: { id: person.account.id } })
    expect(seen.freeze?.id).toBe(frozen.case_id)
    expect(seen.lift_requests).toMatchObject([{ freeze_id: frozen.case_id, message: 'a big month-end' }])
    const forged = await gateway.stranger().call('liftRequest', { body: { ticket: `${frozen.ticket}x`, message: '' } })
    expect([forged.status, forged.body.code]).toEqual([403, 'not_allowed'])
    const lift = { params: { id: person.account.id }, body: { reason: 'month-end, confirmed' } }
    const alone = await proven(gateway, analyst, 'personLift', lift)
    expect([alone.status, alone.body.code]).toEqual([409, 'second_person_required'])
    // Freezing for longer first, which one may do alone, does not take the second person away.
    const longer = await analyst.ok('personFreeze', { ...lift, body: { reason: 'to look at it', minutes: 43_200 } })
    expect(longer).toMatchObject({ by: analyst.accountId, two_persons: true })
    expect((await proven(gateway, analyst, 'personLift', lift)).body.code).toBe('second_person_required')
    // Whoever looked at the freeze before lifts nothing that they have not seen, by either step.
    const stale = { ...lift, body: { ...lift.body, freeze: frozen.case_id } }
    for (const route of ['personLiftAsk', 'personLift'] as const) {
      const refused = await proven(gateway, analyst, route, stale)
      expect([refused.status, refused.body.code]).toEqual([409, 'freeze_changed'])
    }
    expect((await analyst.ok('person', { params: lift.params })).freeze?.id).toBe(longer.id)
    const asked = await provenOk(gateway, analyst, 'personLiftAsk', {
      ...lift,
      body: { ...lift.body, freeze: longer.id },
    })
    expect(asked).toMatchObject({ lift_asked_by: analyst.accountId, lift_asked_reason: 'month-end, confirmed' })
    expect((await proven(gateway, analyst, 'personLift', lift)).body.code).toBe('second_person_required')
    const admin = await gateway.signedIn('admin')
    await provenOk(gateway, admin, 'personLift', lift)
    expect((await logged('lift')).filter(({ outcome }) => outcome === 'granted')).toMatchObject([
      { actor: admin.accountId, subject: person.account.id, reason: 'month-end, confirmed', outcome: 'granted' },
    ])
    const again = await proven(gateway, analyst, 'personLift', { ...lift, body: { reason: 'once more' } })
    expect([again.status, again.body.code]).toEqual([409, 'conflict'])
  })

  it('starts counting afresh after the lift, and the session that was ended stays ended', async () => {
    expect((await clerk.call('me')).status).toBe(401)
    const clerkBefore = clerk
    clerk = gateway.stranger(person)
    await clerk.signIn(person)
    for (let n = 0; n < downloads; n++) expect((await download(customer(n))).status).toBe(200)
    expect((await download(customer(0))).body.code).toBe('limit_reached')
    expect((await clerkBefore.call('me')).status).not.toBe(200)
  })
})
