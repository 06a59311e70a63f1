import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { anAccessEvent } from '@custodia/contracts/testing'
import { createHash } from 'node:crypto'
import { migrate } from '../migrate.js'
import { cluster, singleNode } from '../schema/layout.js'
import { startEmptyAuditStore, type TestAuditStore } from '../testing/index.js'
import { migrations } from './index.js'

let audit: TestAuditStore
beforeAll(async () => {
  audit = await startEmptyAuditStore()
})
afterAll(() => audit.stop())

/** The statement as the engine writes it; rejects what it cannot parse. */
const formatted = async (sql: string): Promise<string> => {
  const [row] = await audit.store.query<{ text: string }>('SELECT formatQuerySingleLine({sql:String}) AS text', { sql })
  return row?.text ?? ''
}

describe('published migrations', () => {
  it('never change on a single node: what ran there is what stands here', async () => {
    const digests: Record<string, string> = {}
    for (const { version, name, changes } of migrations) {
      const texts = []
      for (const { sql } of changes.flatMap((change) => change(singleNode))) texts.push(await formatted(sql))
      digests[`${version} ${name}`] = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16)
    }
    expect(digests).toEqual({
      '1 tables': 'ab96f5c93ee68811',
      '2 views': '756ce263512f443b',
      '3 by-receipt': '9799ab9b787f87e7',
      '4 flags': 'de079c3f8745ef73',
      '5 drills': '19789e38206b4c31',
      '6 by-customer': '5cac858c598ddf7b',
      '7 segments': 'c491ac1c5e5eb2e0',
      '8 late-events': '71e1f49052f81f93',
      '9 late-receipts': 'e5f0ea5dfe36f406',
      '10 begun-afresh': '83a8faef3035065d',
    })
  })
})

describe('on a cluster', () => {
  const layout = cluster({ name: 'audit', database: 'custodia' })

  it('every statement is one that ClickHouse can read, and goes to all nodes', async () => {
    const statements = migrations.flatMap(({ changes }) => changes.flatMap((change) => change(layout)))
    expect(statements.length).toBeGreaterThan(15)
    for (const { sql, unless } of statements) {
      // rows are written through the table that spreads them
      expect(await formatted(sql)).toMatch(/ON CLUSTER audit|^INSERT INTO (?!\w+_local)/)
      if (unless) await formatted(unless)
    }
  })

  it('rows are replicated, and spread by their log partition', async () => {
    const texts = []
    for (const { sql } of migrations.flatMap(({ changes }) => changes.flatMap((change) => change(layout))))
      texts.push(await formatted(sql))
    const created = texts.filter((text) => text.startsWith('CREATE TABLE'))
    for (const text of created) expect(text).toMatch(/ENGINE = (Replicated\w*MergeTree\('|Distributed\('audit', 'custodia', '?\w+_local'?, log_partition\))/)
    expect(created.filter((text) => text.includes('Replicated')).every((text) => text.includes('deduplication_window_seconds'))).toBe(true)
  })
})

describe('from schema 2 with rows in it', () => {
  const events = Array.from({ length: 200 }, (_, n) =>
    anAccessEvent({ time: new Date(Date.UTC(2025, n % 14, 1 + (n % 27), n % 24)).toISOString(), outcome: n % 4 ? 'granted' : 'held' }),
  )
  const rowOf = (event: (typeof events)[number], n: number): string =>
    JSON.stringify({
      ...event,
      log_partition: n % 6,
      log_offset: n,
      appended_at: `2026-0${1 + (n % 3)}-10 00:00:00.000`,
      raw: JSON.stringify(event),
    })
  const everything = 'SELECT * EXCEPT (id_day) FROM accesses ORDER BY id'
  const ofCustomers = 'SELECT id, customer FROM accesses_by_customer ORDER BY id LIMIT 1 BY id, customer'

  it('every row survives, even when the migration is cut short again and again', async () => {
    const { store, run } = audit
    await migrate({ store, layout: singleNode, run }, migrations.slice(0, 2))
    await store.insert('access_events', events.map(rowOf), { token: 'old/0' })
    const verdicts = events.filter(({ outcome }) => outcome === 'held').map(({ id: event_id, time }, n) => JSON.stringify({ event_id, verdict: n % 3 ? 'allowed' : 'refused', time, log_partition: 0, log_offset: n, appended_at: '2026-01-10 00:00:00.000', raw: '{}' }))
    await store.insert('verdicts', verdicts, { token: 'old/verdicts' })
    const before = await store.query(everything)
    const counted = 'SELECT sum(accesses) AS n FROM accesses_per_minute'
    expect(before).toHaveLength(200)
    expect(await store.query(counted)).toEqual([{ n: 200 }])

    const cut = new Error('cut short')
    const runUpTo = async (most: number): Promise<boolean> => {
      let left = most
      const cutShort = async (...given: Parameters<typeof run>): Promise<void> => {
        if (left-- === 0) throw cut
        await run(...given)
      }
      try {
        await migrate({ store, layout: singleNode, run: cutShort })
        return true
      } catch (error) {
        if (error !== cut) throw error
        return false
      }
    }
    let statements = 1
    while (!(await runUpTo(statements))) statements++
    expect(statements).toBeGreaterThan(5)

    const added = { moved: [], run: null, idle_days: null, canary: null, drill: null, segment: '' }
    expect(await store.query(everything)).toEqual(before.map((row) => ({ ...(row as object), ...added })))
    expect(await store.query('SELECT count() AS n FROM access_events')).toEqual([{ n: 200 }])
    expect(await store.query(counted)).toEqual([{ n: 200 }])
    expect(await store.query(ofCustomers)).toEqual(events.map(({ id, customer_id: customer }) => ({ id, customer })).sort((a, b) => (a.id < b.id ? -1 : 1)))
    expect(await store.query(`SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%rebuilt'`)).toEqual([])
    const [keys] = await store.query(`SELECT partition_key, sorting_key FROM system.tables WHERE database = currentDatabase() AND name = 'access_events'`)
    expect(keys).toEqual({ partition_key: 'toMonday(appended_at)', sorting_key: 'toStartOfHour(time), actor, id' })
  })

  it('goes on landing and counting', async () => {
    await audit.store.insert('access_events', [rowOf(anAccessEvent(), 1000)], { token: 'new/0' })
    expect(await audit.store.query('SELECT sum(accesses) AS n FROM accesses_per_minute')).toEqual([{ n: 201 }])
    expect(await audit.store.query('SELECT uniqExact(id) AS n FROM accesses_by_customer')).toEqual([{ n: 201 }])
  })
})
