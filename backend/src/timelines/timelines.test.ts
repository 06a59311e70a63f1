import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  eventFields,
  type AccessEvent,
  type EventField,
  type EventRow,
  type QueryInput,
  type Routes,
} from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { readLog } from '@custodia/streams/integrity'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { alerts } from '../record-store/schema.js'
import { hoursBefore } from '../triage/context/usual.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { shippedRule } from '../testing/rules.js'
import { until } from '../testing/settled.js'

type Query = QueryInput<Routes['events']>

describe('what happened, as people read it', () => {
  let gateway: TestGateway
  let analyst: TestClient
  let clerk: TestClient
  let colleague: TestClient
  const customers: KeptCustomer[] = []
  let old: AccessEvent
  let log: AccessEvent[]
  let rows: EventRow[]
  let begun: string

  /** Rows as landing writes them, of a time long before this test. */
  const land = (events: AccessEvent[]) =>
    gateway.audit.insert(
      'access_events',
      events.map((event, at) =>
        JSON.stringify({
          ...event,
          log_partition: 99,
          log_offset: at,
          appended_at: new Date().toISOString(),
          raw: JSON.stringify(event),
        }),
      ),
      { token: events[0]?.id ?? '' },
    )

  beforeAll(async () => {
    gateway = await startTestGateway({ rules: shippedRule('bulk-photo-view', { limit: 2, respond: '[alert]' }) })
    begun = new Date().toISOString()
    analyst = await gateway.signedIn('analyst')
    clerk = await gateway.signedIn('staff')
    colleague = await gateway.signedIn('staff')
    for (let n = 0; n < 3; n++) customers.push(await newCustomer(clerk))
    await clerk.ok('customersSearch', { query: { limit: 5 } })
    old = anAccessEvent({
      id: uuidv7({ msecs: Date.parse('2024-01-02T03:00:00.000Z') }),
      time: '2024-01-02T03:00:00.000Z',
      actor: clerk.accountId,
      customer_id: 'seen-once',
      request_id: 'a-request',
    })
    // The same hour in four weeks: 1, 9, 2 and 1 customers.
    const hours = hoursBefore(new Date().toISOString(), 'Asia/Shanghai')
    const earlier = hours.flatMap(({ from }, week) =>
      Array.from({ length: [1, 9, 2, 1][week] ?? 0 }, (_, n) => {
        const time = new Date(Date.parse(from) + 60_000 * (n + 1)).toISOString()
        const id = uuidv7({ msecs: Date.parse(time) })
        return anAccessEvent({ id, time, actor: clerk.accountId, action: 'photo_view', customer_id: `c-${week}-${n}` })
      }),
    )
    await land([old, ...earlier])
    for (const { photo } of [...customers, ...customers.slice(2)])
      await clerk.call('photoView', { params: { id: photo }, query: { purpose: 'contract' } })
    await colleague.call('customerView', { params: { id: customers[0]?.id ?? '' } })
    await gateway.settled()
    log = []
    for await (const { value } of readLog(gateway.logDir, 'access-events'))
      log.push(JSON.parse(value.toString()) as AccessEvent)
    rows = await gateway.audit.query<EventRow>('select id, final_outcome, verdict_rule from accesses')
  })
  afterAll(() => gateway?.stop())

  const find = async (query: Query): Promise<string[]> => {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await analyst.ok('events', { query: { ...query, ...(cursor ? { cursor } : {}) } })
      found.push(...page.items.map(({ id }) => id))
      cursor = page.next
    } while (cursor)
    return found
  }
  /** By nothing but the bytes of the log; what came after it was read is left out. */
  const expected = (matches: (event: AccessEvent) => boolean) =>
    log
      .filter(matches)
      .sort((a, b) => (a.time === b.time ? (a.id < b.id ? 1 : -1) : a.time < b.time ? 1 : -1))
      .map(({ id }) => id)
  const known = (ids: string[]) => ids.filter((id) => log.some((event) => event.id === id))

  it('the final outcome is that of reports, for every event', async () => {
    const ids = new Map(rows.map((row) => [row.id, row]))
    let cursor: string | undefined
    let seen = 0
    do {
      const page = await analyst.ok('events', { query: { ...(cursor ? { cursor } : {}) } })
      for (const { id, final_outcome, verdict_rule } of page.items) {
        const row = ids.get(id)
        if (row) expect([id, final_outcome, verdict_rule ?? '']).toEqual([id, row.final_outcome, row.verdict_rule])
        if (row) seen++
      }
      cursor = page.next
    } while (cursor)
    expect(seen).toBe(rows.length)
  })

  it('each filter finds exactly what it says, newest first, page by page', async () => {
    const actor = clerk.accountId
    const customer = customers[2]?.id ?? ''
    const photo = log.find((event) => event.action === 'photo_view' && event.actor === actor)
    const now = new Date().toISOString()
    const from = begun
    const cases: [Query, (event: AccessEvent) => boolean][] = [
      [{ actor, from }, (e) => e.actor === actor || e.subject === actor],
      [{ customer_id: customer }, (e) => e.customer_id === customer || (e.record_ids ?? []).includes(customer)],
      [{ action: 'photo_view', actor, from }, (e) => e.action === 'photo_view' && e.actor === actor],
      [{ purpose: 'contract', to: now }, (e) => e.purpose === 'contract'],
      [{ id: photo?.id ?? '' }, (e) => e.id === photo?.id],
      [{ text: photo?.request_id ?? '' }, (e) => e.request_id === photo?.request_id],
      [
        { text: photo?.record_id ?? '' },
        (e) => [e.record_id, ...(e.record_ids ?? [])].includes(photo?.record_id ?? ''),
      ],
      [{ ip: '127.0.0.1', actor, from }, (e) => e.ip === '127.0.0.1' && e.actor === actor],
    ]
    for (const [query, matches] of cases)
      expect([query, known(await find({ limit: 3, ...query }))]).toEqual([query, expected(matches)])
  })

  it('every other field is looked for under its own name', async () => {
    const time = '2024-02-03T03:00:00.000Z'
    const within = { from: time, to: '2024-02-03T03:01:00.000Z' }
    const [other, full] = [0, 1].map(() => uuidv7({ msecs: Date.parse(time) }))
    const has: Partial<AccessEvent> = {
      ...{ reason: 'the Branch asked', fields: ['phone', 'name'], moved: ['network'], run: 12, idle_days: 40 },
      ...{ canary: true, off_hours: true, workday: true, new_device: true, demo: true, drill: true },
      ...{
        relation: 'self',
        segment: 'car_loan',
        count: 7,
        bytes: 9_000,
        amount: 12.5,
        source: 'crm',
        actor_role: 'staff',
        branch: 'north',
      },
      ...{ team: 'desk', session: 's-1', device: 'd-1', user_agent: 'A Browser/1', country: 'CN', city: '上海' },
      ...{ asn: 4134, calendar: 'v7', writer: 'w-1', seq: 3, factor: 'totp' },
    }
    // One less of each number, another text, no flag.
    const lacks = Object.entries(has).map(([field, value]) => {
      if (typeof value === 'number') return [field, Math.floor(value - 1)]
      return [field, typeof value === 'string' ? 'x' : undefined]
    })
    const without: Partial<AccessEvent> = { ...Object.fromEntries(lacks), fields: ['phone_masked'], factor: 'passkey' }
    await land([anAccessEvent({ id: full, time, ...has })])
    await land([anAccessEvent({ id: other, time, ...without })])
    const asked: Partial<AccessEvent> = { reason: 'branch', user_agent: 'browser' }
    for (const field of Object.keys(eventFields) as EventField[]) {
      const query = { ...within, [field]: asked[field] ?? String([has[field]].flat()[0]) }
      expect([field, await find(query)]).toEqual([field, [full]])
    }
    expect(await find({ ...within, canary: 'false' })).toEqual([other])
    const [row] = (await analyst.ok('events', { query: { ...within, run: 12 } })).items
    expect(row).toMatchObject(has)
  })

  it('outcomes and rules are found through the verdict', async () => {
    const views = log.filter((event) => event.action === 'photo_view' && event.actor === clerk.accountId)
    const [first, second, ...refused] = views.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ id }) => id)
    const of = (query: Query) => find({ action: 'photo_view', actor: clerk.accountId, from: begun, ...query })
    expect(await of({ outcome: 'allowed' })).toEqual([second, first])
    expect(await of({ outcome: 'refused' })).toEqual(refused.toReversed())
    expect(await of({ rule: 'bulk-photo-view' })).toEqual(refused.toReversed())
    expect(await of({ outcome: 'expired' })).toEqual([])
    expect(await of({ outcome: 'no such thing' })).toEqual([])
  })

  it('what happened once, long ago, is found without a period', async () => {
    expect(await find({ customer_id: 'seen-once' })).toEqual([old.id])
    expect(await find({ text: 'a-request' })).toEqual([old.id])
    expect(await find({ customer_id: 'never-seen' })).toEqual([])
  })

  it('a value is never SQL', async () => {
    expect(await find({ customer_id: `x') or true --` })).toEqual([])
    expect(await find({ outcome: `granted') or true --` })).toEqual([])
    const bad = await analyst.call('events', { query: { cursor: 'x' } })
    expect([bad.status, bad.body.code]).toEqual([400, 'invalid_input'])
  })

  it('every look is an event: whose hours, which customer, which filters', async () => {
    const search = await analyst.call('events', { query: { customer_id: 'seen-once', action: 'view' } })
    const hours = await analyst.call('personTimeline', { params: { id: clerk.accountId } })
    const written = new Map<string | undefined, AccessEvent>()
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(value.toString()) as AccessEvent
      written.set(event.id, event)
    }
    const me = { actor: analyst.accountId, action: 'list', outcome: 'granted' }
    expect(written.get(search.eventId)).toMatchObject({
      ...me,
      customer_id: 'seen-once',
      fields: ['customer_id', 'action'],
    })
    expect(written.get(hours.eventId)).toMatchObject({ ...me, subject: clerk.accountId, fields: ['timeline'] })
  })

  it('the hours of a person have what they did and what was done to them, and lead on to what was before', async () => {
    await analyst.ok('personFreeze', { params: { id: colleague.accountId }, body: { reason: 'a test', minutes: 5 } })
    await analyst.ok('person', { params: { id: colleague.accountId } })
    await gateway.settled()
    const theirs = await analyst.ok('personTimeline', { params: { id: colleague.accountId } })
    expect(theirs.events.map(({ action }) => action)).toContain('freeze')
    expect(theirs.events.filter(({ actor }) => actor === analyst.accountId).map(({ action }) => action)).toEqual([
      'freeze',
    ])
    expect(theirs).toMatchObject({ cut: false, devices: [{ new: true }], places: [{ ip: '127.0.0.1' }] })

    const now = await analyst.ok('personTimeline', { params: { id: clerk.accountId }, query: { hours: '1' as never } })
    expect(now.earlier?.slice(0, 10)).toBe(hoursBefore(now.at, 'Asia/Shanghai')[0]?.from.slice(0, 10))
    const before = await analyst.ok('personTimeline', { params: { id: clerk.accountId }, query: { at: old.time } })
    expect(before.events.map(({ id }) => id)).toEqual([old.id])
    expect(before.earlier).toBeUndefined()
    expect(Date.parse(before.later ?? '')).toBeGreaterThan(Date.parse(old.time))
    const never = await analyst.ok('personTimeline', { params: { id: 'nobody' } })
    expect(never).toMatchObject({ events: [], devices: [], gaps: [] })
  })

  it('what is usual for a person is for who judges alerts; so far nothing is known, and said to be', async () => {
    await clerk.ok('customersSearch', { query: { q: '王' } })
    await gateway.settled()
    const usual = await analyst.ok('personUsual', { params: { id: clerk.accountId } })
    // what is odd by itself at any hour; nothing that habits would have to be known for
    const without = new Set(['off_hours', 'first_device'])
    expect(Object.keys(usual.risk.parts).filter((reason) => !without.has(reason))).toEqual([])
    expect(usual.counted).toBeGreaterThan(0)
    expect(usual.habits.map(({ habit }) => habit)).toEqual(['views', 'searches', 'photos', 'reveals', 'exports'])
    for (const { self, peers } of usual.habits) expect([self, peers]).toEqual([undefined, undefined])
    const auditor = await gateway.signedIn('auditor')
    expect((await auditor.call('personUsual', { params: { id: clerk.accountId } })).body.code).toBe('not_allowed')
  })

  it('an alert gets its numbers: served, refused, usual for this hour, and when it would have passed', async () => {
    const { db } = gateway.records
    // What was refused after the firing lands after it: the numbers are looked up again and again while the window is open.
    const row = await until(async () => {
      const found = await db.select().from(alerts).where(eq(alerts.actor, clerk.accountId))
      return found.find(({ rule, context }) => rule === 'bulk-photo-view' && context?.refused === 2)
    })
    expect(row.alert).toMatchObject({ held: true, counted: { type: 'value_count', fields: ['customer_id'] } })
    expect(row.context).toMatchObject({ served: 2, refused: 2, usual: { value: 1.5, weeks: 4 } })
    const views = log.filter((event) => event.action === 'photo_view' && event.actor === clerk.accountId)
    expect(row.context?.off_hours).toBe(views.slice(0, 3).every((event) => event.off_hours) || undefined)
    const firstView = log.find((event) => event.action === 'photo_view' && event.actor === clerk.accountId)
    const passes = Date.parse(firstView?.time ?? '') + (row.alert.window_seconds ?? 0) * 1000 + 1
    expect(Date.parse(row.context?.passes_at ?? '')).toBe(passes)
    const shown = await analyst.ok('alert', { params: { id: row.id } })
    expect(shown.context).toEqual(row.context)
    const counted = [...new Set([...(row.alert.evidence ?? []), row.alert.event_id])].sort()
    expect((await find({ alert: row.id, limit: 2 })).sort()).toEqual(counted)
    expect((await analyst.call('events', { query: { alert: 'no-such-alert' } })).status).toBe(404)
  })
})
