import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlertRecord, LateEvent, Topic, Verdict } from '@custodia/contracts'
import { anAccessEvent, anAlert } from '@custodia/contracts/testing'
import type { AuditStore } from '../audit-store/index.js'
import { startAuditStore, type TestAuditStore } from '../audit-store/testing/index.js'
import { openEmbeddedEventLog, type EventLog } from '../event-log/index.js'
import { startLanding, type Landing } from './index.js'

let audit: TestAuditStore
let dir: string
let log: EventLog
beforeAll(async () => {
  audit = await startAuditStore()
})
afterAll(() => audit.stop())
beforeEach(async () => {
  for (const table of [
    'access_events',
    'accesses_per_minute',
    'accesses_by_customer',
    'verdicts',
    'alerts',
    'dead_letters',
    'late_events',
  ]) {
    await audit.store.query(`TRUNCATE TABLE ${table}`)
  }
  dir = await mkdtemp(join(tmpdir(), 'landing-test-'))
  log = await openEmbeddedEventLog({ dir })
})
afterEach(async () => {
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

const logger = { warn: () => undefined, error: () => undefined }
const backoff = { tries: 2, firstMs: 1, longestMs: 1 }
const start = (store: AuditStore = audit.store): Promise<Landing> => startLanding({ log, store, logger, backoff })
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const append = (topic: Topic, ...values: unknown[]) =>
  log.appendAll(
    topic,
    values.map((value) => ({ key: 'clerk-1', value: bytes(value) })),
  )

/** Until everything in the topic is landed and committed. */
const landed = async (topic: Topic): Promise<void> => {
  for (;;) {
    const committed = await log.committed('landing', topic)
    const ranges = await log.range(topic)
    if (ranges.every(({ partition, end }) => (committed.get(partition)?.offset ?? 0) >= end)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('landing', () => {
  it('lands an event with its place and its exact bytes, absent fields told from present ones', async () => {
    const landing = await start()
    const event = anAccessEvent({ customer_id: undefined, count: 0, city: '上海', time: '2026-03-10T02:00:00.123Z' })
    const value = Buffer.from(` ${JSON.stringify({ ...event, of_a_later_version: 1 })}\n`)
    const at = await log.append('access-events', { key: 'clerk-1', value })
    await landed('access-events')
    expect(
      await audit.store.query(
        'SELECT id, time, customer_id, count, bytes, off_hours, new_device, city, log_partition, log_offset, raw FROM access_events',
      ),
    ).toEqual([
      {
        id: event.id,
        time: event.time,
        customer_id: '',
        count: 0,
        bytes: null,
        off_hours: false,
        new_device: null,
        city: '上海',
        log_partition: at.partition,
        log_offset: at.offset,
        raw: value.toString(),
      },
    ])
    await landing.stop()
  })

  it('lands verdicts and raised alerts, and no triage', async () => {
    const landing = await start()
    const verdict: Verdict = {
      event_id: 'e1',
      verdict: 'refused',
      rule: 'bulk',
      limit: 20,
      time: '2026-03-10T02:00:00Z',
    }
    const alert = anAlert({ group: { actor: '张' } })
    const triage: AlertRecord = { kind: 'triage', triage: { alert_id: alert.id, state: 'acknowledged', version: 1 } }
    await append('verdicts', verdict)
    await append('alerts', { kind: 'raised', alert }, triage)
    await Promise.all([landed('verdicts'), landed('alerts')])
    expect(await audit.store.query('SELECT event_id, verdict, rule, limit_n FROM verdicts')).toEqual([
      { event_id: 'e1', verdict: 'refused', rule: 'bulk', limit_n: 20 },
    ])
    expect(await audit.store.query('SELECT id, time, text_zh, group_json, limit_n, evidence FROM alerts')).toEqual([
      {
        id: alert.id,
        time: alert.time,
        text_zh: alert.text.zh,
        group_json: '{"actor":"张"}',
        limit_n: 50,
        evidence: alert.evidence,
      },
    ])
    await landing.stop()
  })

  it('lands where a late event was judged, once what is marked again after a crash, and apart what came twice', async () => {
    const landing = await start()
    const [time, judged_at] = ['1969-12-31T23:00:00.000Z', '2026-03-10T02:00:00.123Z']
    const received_at = '2026-03-10T02:01:00.456Z'
    const where = { key: 'ip=10.0.0.1', time, judged_at, after: 'crm:2', offset: 7 }
    const mark: LateEvent = { event_id: 'crm:1', received_at, ...where, passed_over: ['burst', 'spray'] }
    const begun = { afresh: ['spray'], since: '2026-03-17T01:30:00.000Z' }
    const again = { ...mark, received_at: '2026-03-17T02:01:00.456Z', ...begun }
    await append('late-events', mark)
    await landed('late-events')
    await append('late-events', mark, { ...mark, judged_at: 'soon' }, again)
    await landed('late-events')
    expect(
      await audit.store.query(
        'SELECT event_id, received_at, key, time, judged_at, after, offset, passed_over, afresh, since FROM late_events FINAL ORDER BY received_at',
      ),
    ).toEqual(
      [{ ...mark, afresh: [], since: '1970-01-01T00:00:00.000Z' }, again].map((one) => ({
        ...one,
        time: '1970-01-01T00:00:00.000Z',
      })),
    )
    await landing.stop()
  })

  it('puts what it cannot understand among the dead letters, visibly, and lands the rest', async () => {
    const landing = await start()
    const odd = anAccessEvent({ reason: 'half a pair: \ud800', time: '0001-01-01T00:00:00Z' })
    await append('access-events', { no: 'event' }, anAccessEvent({ id: 'good' }), odd)
    await log.append('access-events', { key: 'clerk-1', value: Buffer.from([0xff, 0xfe]) })
    await log.append('access-events', { key: 'clerk-1', value: Buffer.from('{"half":') })
    await landed('access-events')
    await landed('dead-letters')
    expect(await audit.store.query('SELECT id FROM access_events ORDER BY id')).toEqual([
      { id: odd.id },
      { id: 'good' },
    ])
    const letters = await audit.store.query<{ offset: number; reason: string; value_base64: string }>(
      'SELECT offset, step, reason, value_base64 FROM dead_letters FINAL ORDER BY offset',
    )
    expect(letters).toMatchObject([
      { offset: 0, step: 'parse', reason: expect.stringContaining('id: invalid_type') },
      { offset: 3, step: 'parse', reason: 'not JSON in UTF-8', value_base64: '//4=' },
      { offset: 4, step: 'parse', reason: 'not JSON in UTF-8' },
    ])
    await landing.stop()
  })

  it('lands every time that the contract takes, to the millisecond and within what a column holds', async () => {
    const landing = await start()
    const times = {
      '2026-03-10T02:00:00Z': '2026-03-10T02:00:00.000Z',
      '2026-03-10T02:00:00.5Z': '2026-03-10T02:00:00.500Z',
      '2026-03-10T02:00:00.123456789Z': '2026-03-10T02:00:00.123Z',
      '1969-12-31T23:59:59.999Z': '1970-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.000Z': '1970-01-01T00:00:00.000Z',
      '2105-12-31T23:59:59.999Z': '2105-12-31T23:59:59.999Z',
      '2106-01-01T00:00:00.000Z': '2105-12-31T23:59:59.999Z',
    }
    await append('access-events', ...Object.keys(times).map((time, n) => anAccessEvent({ id: `${n}`, time })))
    const escaped = JSON.stringify(anAccessEvent({ id: '7' })).replace('}', ',"city":"\\uD83D 上"}')
    await log.append('access-events', { key: 'clerk-1', value: Buffer.from(escaped) })
    await landed('access-events')
    const rows = await audit.store.query<{ time: string; city: string }>(
      'SELECT time, city FROM access_events ORDER BY id',
    )
    expect(rows.slice(0, 7).map(({ time }) => time)).toEqual(Object.values(times))
    expect(rows[7]?.city).toBe('\ufffd 上')
    await landing.stop()
  })

  it('lands events of many months in one partition: the week in which they were received', async () => {
    const landing = await start()
    const months = Array.from({ length: 36 }, (_, n) => new Date(Date.UTC(2023, n, 1)).toISOString())
    await append('access-events', ...months.map((time) => anAccessEvent({ time })))
    await landed('access-events')
    const [landed36] = await audit.store.query<{ n: number; weeks: number }>(
      `SELECT count() AS n, uniqExact(_partition_id) AS weeks FROM access_events`,
    )
    expect(landed36?.n).toBe(36)
    expect(landed36?.weeks).toBeLessThanOrEqual(2) // a week can end just now
    await landing.stop()
  })

  it('adds nothing twice when it ends between insert and commit, and loses nothing when it ends before', async () => {
    await append('access-events', ...Array.from({ length: 100 }, () => anAccessEvent()))
    // the rows arrive, and the process that knew is gone
    const broken: AuditStore = {
      ...audit.store,
      insert: async (...args) => {
        await audit.store.insert(...args)
        throw new Error('gone')
      },
    }
    const first = await start(broken)
    await expect(first.done).rejects.toThrow('gone')
    await append('access-events', anAccessEvent())
    const second = await start()
    await landed('access-events')
    expect(await audit.store.query('SELECT count() AS n, uniqExact(id) AS ids FROM access_events')).toEqual([
      { n: 101, ids: 101 },
    ])
    expect(await audit.store.query('SELECT sum(accesses) AS n FROM accesses_per_minute')).toEqual([{ n: 101 }])
    expect(await audit.store.query('SELECT count() AS n FROM accesses_by_customer')).toEqual([{ n: 101 }])
    await second.stop()
  })
})
