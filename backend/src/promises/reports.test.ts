import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  reportKinds,
  type AccessEvent,
  type Alert,
  type QueryInput,
  type Routes,
  type Verdict,
} from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { readLog } from '@custodia/streams/integrity'
import { eq } from 'drizzle-orm'
import { reportSchedules, settings } from '../record-store/schema.js'
import { nextBoundary, periodBefore } from '../reports/period.js'
import { Scheduler } from '../reports/scheduler.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { provenOk } from '../testing/proof.js'
import { until } from '../testing/settled.js'

type Query = QueryInput<Routes['report']>
const served = new Set(['granted', 'allowed'])

describe('reports', () => {
  let gateway: TestGateway
  let auditor: TestClient
  let clerk: TestClient
  let analyst: TestClient
  let customer: KeptCustomer
  let period: { from: string; to: string }
  let log: (AccessEvent & { final: string })[]

  beforeAll(async () => {
    gateway = await startTestGateway()
    const from = new Date()
    auditor = await gateway.signedIn('auditor')
    analyst = await gateway.signedIn('analyst')
    clerk = await gateway.signedIn('staff')
    const colleague = await gateway.signedIn('staff')
    customer = await newCustomer(clerk)
    const other = await newCustomer(colleague)
    await clerk.ok('photoView', { params: { id: customer.photo }, query: { purpose: 'contract' } })
    await clerk.call('photoView', { params: { id: customer.photo }, query: {} }) // no purpose
    await clerk.call('photoView', { params: { id: other.photo }, query: { purpose: 'contract' } }) // not theirs
    const reveal = { purpose: 'contract', fields: ['phone' as const] }
    await colleague.ok('customerReveal', { params: { id: other.id }, body: reveal })
    await provenOk(gateway, clerk, 'customerExport', { body: { ...reveal, customer_ids: [customer.id] } })
    await colleague.call('customerView', { params: { id: 'nobody' } })
    await gateway.settled()
    period = { from: from.toISOString(), to: new Date().toISOString() }
    log = await fromLog()
  })
  afterAll(() => gateway?.stop())

  /** Every access with its final outcome, by nothing but the bytes of the log. */
  async function fromLog() {
    const verdicts = new Map<string, string>()
    for await (const { value } of readLog(gateway.logDir, 'verdicts')) {
      const { event_id, verdict } = JSON.parse(value.toString()) as Verdict
      verdicts.set(event_id, verdict)
    }
    const events: (AccessEvent & { final: string })[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(value.toString()) as AccessEvent
      const judged = verdicts.get(event.part_of ?? event.id) ?? 'expired' // the header's verdict is its parts'
      events.push({ ...event, final: event.outcome === 'held' ? judged : event.outcome })
    }
    return events
  }
  const inPeriod = (over: (event: AccessEvent) => boolean = ({ part_of }) => !part_of) =>
    log.filter((event) => event.time >= period.from && event.time < period.to && over(event))
  const whole = ({ part_of }: AccessEvent) => !part_of
  const make = (query: Partial<Query> & Pick<Query, 'kind'>) => auditor.ok('report', { query: { ...period, ...query } })
  const csv = async (query: Partial<Query> & Pick<Query, 'kind'>) => {
    const { status, bytes, headers } = await auditor.call('reportCsv', { query: { ...period, ...query } })
    expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8'])
    const lines = bytes.toString('utf8').replace('\uFEFF', '').trimEnd().split('\r\n')
    const [header = [], ...rows] = lines.map((line) => line.slice(1, -1).split('","')) // every cell is quoted
    return { header, rows }
  }
  const totalsOf = (events: (AccessEvent & { final: string })[]) => ({
    events: events.length,
    granted: events.filter(({ final }) => served.has(final)).length,
    refused: events.filter(({ final }) => !served.has(final)).length,
    people: new Set(events.flatMap(({ actor }) => (actor && actor !== 'system' ? actor : []))).size,
    customers: new Set(events.flatMap(({ customer_id }) => customer_id ?? [])).size,
  })

  it('have the totals of an independent count of the log', async () => {
    expect(inPeriod().length).toBeGreaterThan(15)
    expect(inPeriod().filter(({ final }) => final === 'refused').length).toBeGreaterThan(0)
    const report = await make({ kind: 'access' })
    expect(report.totals).toEqual(totalsOf(inPeriod()))
    expect(report.events.map(({ id }) => id).sort()).toEqual(
      inPeriod()
        .map(({ id }) => id)
        .sort(),
    )
    expect(report.per_day.reduce((sum, day) => sum + day.granted + day.refused, 0)).toBe(report.totals.events)
    const finals = new Map(log.map(({ id, final }) => [id, final]))
    for (const event of report.events) expect(event.final_outcome).toBe(finals.get(event.id))
  })

  it('name the part of the log that they cover', async () => {
    const { covers } = await make({ kind: 'access' })
    const places: { partition: number; offset: number }[] = []
    const ids = new Set(inPeriod().map(({ id }) => id))
    for await (const { partition, offset, value } of readLog(gateway.logDir, 'access-events'))
      if (ids.has((JSON.parse(value.toString()) as AccessEvent).id)) places.push({ partition, offset })
    const expected = [...Map.groupBy(places, ({ partition }) => partition)].map(([partition, of]) => ({
      partition,
      from_offset: Math.min(...of.map(({ offset }) => offset)),
      to_offset: Math.max(...of.map(({ offset }) => offset)),
    }))
    expect(covers).toEqual(expected.sort((a, b) => a.partition - b.partition))
  })

  it('by person, by customer and of sign-ins count what the log says of each', async () => {
    const people = await make({ kind: 'by_person' })
    for (const { key, total, granted, refused } of people.rows) {
      const { events, ...counted } = totalsOf(inPeriod((e) => whole(e) && e.actor === key))
      expect({ key, total, granted, refused }).toEqual({
        key,
        total: events,
        granted: counted.granted,
        refused: counted.refused,
      })
    }
    expect(people.rows.map(({ key }) => key).sort()).toEqual(
      [...new Set(inPeriod().flatMap(({ actor }) => actor ?? []))].sort(),
    )
    expect(people.rows.find(({ key }) => key === clerk.accountId)?.name).toMatch(/^staff /)
    const customers = await make({ kind: 'by_customer' })
    expect(customers.totals.events).toBe(inPeriod((e) => Boolean(e.customer_id ?? e.part_of)).length)
    const mine = await make({ kind: 'access', customer: customer.id })
    expect(mine.totals.events).toBe(
      inPeriod((e) => e.customer_id === customer.id || (e.record_ids ?? []).includes(customer.id)).length,
    )
    // A search that showed a customer among others opens nobody's record: it is in their own report, not in this count.
    const row = customers.rows.find(({ key }) => key === customer.id)
    expect(row?.total).toBe(
      inPeriod((e) => e.customer_id === customer.id || Boolean(e.part_of && e.record_ids?.includes(customer.id)))
        .length,
    )
    const hers = await make({ kind: 'access', person: clerk.accountId })
    expect(hers.totals).toEqual(
      totalsOf(inPeriod((e) => whole(e) && (e.actor === clerk.accountId || e.subject === clerk.accountId))),
    )
    const signIns = await make({ kind: 'sign_ins' })
    expect(signIns.totals.events).toBe(inPeriod(({ action }) => action === 'sign_in').length)
    for (const { action } of signIns.events) expect(['sign_in', 'sign_out', 'factor_change']).toContain(action)
  })

  it('as CSV have a row for every event, in order, with its id', async () => {
    const { header, rows } = await csv({ kind: 'access' })
    const { events } = await make({ kind: 'access' })
    const id = header.indexOf('event')
    expect(rows.map((row) => row[id])).toEqual(events.map((event) => event.id))
    const people = await csv({ kind: 'by_person' })
    expect(people.rows).toHaveLength((await make({ kind: 'by_person' })).rows.length)
  })

  it('take events a millisecond either side of midnight in Shanghai into the right day', async () => {
    const admin = await gateway.signedIn('admin')
    const { token } = await provenOk(gateway, admin, 'ingestTokenCreate', { body: { name: 'probe', source: 'probe' } })
    const times = ['2025-03-09T15:59:59.999Z', '2025-03-09T16:00:00.000Z', '2025-03-09T16:00:00.001Z']
    const lines = times.map((time, id) =>
      JSON.stringify({ id, time, actor: 'x', action: 'view', outcome: 'granted', customer_id: 'c' }),
    )
    const payload = { contentType: 'application/x-ndjson', bytes: Buffer.from(lines.join('\n')) }
    await gateway.stranger().ok('ingestEvents', { headers: { authorization: `Bearer ${token}` }, payload })
    await gateway.settled()
    const day = (from: string, to: string) =>
      make({ kind: 'access', from: `2025-03-${from}T00:00:00+08:00`, to: `2025-03-${to}T00:00:00+08:00` })
    const [ninth, tenth, both] = [await day('09', '10'), await day('10', '11'), await day('09', '11')]
    expect(ninth.events.map((e) => e.time)).toEqual([times[0]])
    expect(tenth.events.map((e) => e.time)).toEqual([times[1], times[2]])
    expect(both.per_day).toEqual([
      { day: '2025-03-09', granted: 1, refused: 0 },
      { day: '2025-03-10', granted: 2, refused: 0 },
    ])
    expect([ninth.totals.events, tenth.totals.events, both.totals.events]).toEqual([1, 2, 3])
    const byCustomer = await csv({
      kind: 'by_customer',
      from: '2025-03-09T00:00:00+08:00',
      to: '2025-03-10T00:00:00+08:00',
    })
    expect(byCustomer.rows.map((row) => row[byCustomer.header.indexOf('total')])).toEqual(['1'])
  })

  it('of anomalies say what was done about each', async () => {
    const person = (await gateway.person('staff')).account
    const time = new Date().toISOString()
    const alert: Alert = anAlert({
      id: 'alert-of-the-report',
      time,
      actor: person.id,
      severity: 'medium', // one person lifts it
      respond: [{ do: 'freeze', for_seconds: 600 }],
    })
    await gateway.log.append('alerts', { key: alert.id, value: Buffer.from(JSON.stringify({ kind: 'raised', alert })) })
    await until(async () => (await analyst.ok('person', { params: { id: person.id } })).freeze)
    await analyst.ok('alertAcknowledge', { params: { id: alert.id }, body: { version: 0 } })
    await provenOk(gateway, analyst, 'personLift', { params: { id: person.id }, body: { reason: 'a false alarm' } })
    await gateway.settled()
    const report = await make({
      kind: 'anomalies',
      from: time,
      to: new Date(Date.now() + 60_000).toISOString(),
      person: person.id,
    })
    expect(report.rows).toMatchObject([{ key: alert.id, total: 51 }])
    expect(report.rows[0]?.note).toMatch(/^acknowledged; frozen until .*; lifted .*: a false alarm$/)
    // one alert, and it froze somebody
    expect(report.totals).toEqual({ events: 1, granted: 0, refused: 1, people: 1, customers: 0 })
  })

  it.each(reportKinds)('of kind %s are made while demo data is installed, too', async (kind) => {
    const value = { loading: false, customers: 0, customers_total: 0, photos: 0 }
    await gateway.records.db.insert(settings).values({ key: 'demo', value }).onConflictDoNothing()
    for (const filter of [{}, { customer: customer.id }, { person: clerk.accountId }])
      expect((await make({ kind, ...filter })).kind).toBe(kind)
    await gateway.records.db.delete(settings).where(eq(settings.key, 'demo'))
  })

  it('are written down themselves, with what was asked', async () => {
    const { eventId } = await auditor.call('report', { query: { kind: 'access', ...period, customer: customer.id } })
    const event = (await fromLog()).find(({ id }) => id === eventId)
    expect(event).toMatchObject({
      action: 'report',
      outcome: 'granted',
      actor: auditor.accountId,
      customer_id: customer.id,
    })
  })

  describe('on a schedule', () => {
    const body = { kind: 'access', time_zone: 'Asia/Shanghai' } as const
    const setNext = (id: string, nextAt: Date) =>
      gateway.records.db.update(reportSchedules).set({ nextAt }).where(eq(reportSchedules.id, id))
    const runsOf = async (id: string) =>
      (await auditor.ok('reportRuns')).items
        .filter((run) => run.schedule_id === id)
        .sort((a, b) => (a.due_at < b.due_at ? -1 : 1))

    it.each(['week', 'month'] as const)('every %s: due at its end, in its zone', async (every) => {
      const { id, next_at } = await auditor.ok('scheduleCreate', { body: { ...body, every } })
      expect(next_at).toBe(nextBoundary(every, 'Asia/Shanghai', new Date()).toISOString())
      await gateway.app.get(Scheduler).makeDue()
      expect(await runsOf(id)).toEqual([]) // not due yet
    })

    it.each(['week', 'month'] as const)('what was missed is made up, every %s of it, and flagged', async (every) => {
      const { id, next_at } = await auditor.ok('scheduleCreate', { body: { ...body, every } })
      const last = periodBefore(every, 'Asia/Shanghai', new Date(next_at)).from
      const before = periodBefore(every, 'Asia/Shanghai', last)
      await setNext(id, before.from)
      await gateway.app.get(Scheduler).makeDue()
      const runs = await runsOf(id)
      expect(runs.map(({ due_at, from, to, late }) => ({ due_at, from, to, late }))).toEqual(
        [before.from, last].map((due) => ({
          due_at: due.toISOString(),
          from: periodBefore(every, 'Asia/Shanghai', due).from.toISOString(),
          to: due.toISOString(),
          // The newest one is late unless a week or month has begun just now.
          late: Date.now() - due.getTime() > 600_000,
        })),
      )
      const [schedule] = (await auditor.ok('schedules')).items.filter((item) => item.id === id)
      expect(schedule?.next_at).toBe(next_at)
      await gateway.app.get(Scheduler).makeDue()
      expect(await runsOf(id)).toHaveLength(2) // made once
      const kept = await auditor.ok('reportRun', { params: { id: runs[0]?.id ?? '' } })
      expect(kept).toMatchObject({ kind: 'access', from: runs[0]?.from, to: runs[0]?.to })
      const noted = (await fromLog()).filter((event) => runs.some((run) => run.id === event.record_id))
      expect(noted.filter((event) => event.reason?.startsWith('scheduled'))).toHaveLength(2)
    })

    it('two gateways make a run once', async () => {
      const { id } = await auditor.ok('scheduleCreate', { body: { ...body, every: 'week' } })
      await setNext(id, new Date(Date.now() - 8 * 86_400_000))
      const scheduler = gateway.app.get(Scheduler)
      await Promise.all([scheduler.makeDue(), scheduler.makeDue(), scheduler.makeDue()])
      const runs = await runsOf(id)
      expect(new Set(runs.map(({ due_at }) => due_at)).size).toBe(runs.length)
    })

    it('is its auditor’s own: a colleague reads it and cannot delete it; its runs are kept after it', async () => {
      const { id } = await auditor.ok('scheduleCreate', { body: { ...body, every: 'week' } })
      await setNext(id, new Date(Date.now() - 3 * 86_400_000))
      await gateway.app.get(Scheduler).makeDue()
      const colleague = await gateway.signedIn('auditor')
      const refused = await colleague.call('scheduleDelete', { params: { id } })
      expect([refused.status, refused.body.code]).toEqual([403, 'not_allowed'])
      expect((await fromLog()).find((event) => event.id === refused.eventId)).toMatchObject({
        outcome: 'refused',
        actor: colleague.accountId,
        record_id: id,
      })
      expect((await colleague.ok('schedules')).items.some((item) => item.id === id)).toBe(true)
      await auditor.ok('scheduleDelete', { params: { id } })
      expect((await auditor.ok('schedules')).items.some((item) => item.id === id)).toBe(false)
      expect(await runsOf(id)).not.toEqual([])
    })

    it('needs a zone that exists', async () => {
      const wrong = await auditor.call('scheduleCreate', { body: { ...body, every: 'week', time_zone: 'Mars/Base' } })
      expect([wrong.status, wrong.body.code]).toEqual([400, 'invalid_input'])
    })
  })
})
