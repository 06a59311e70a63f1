import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AccessEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import type { AuditStore } from './audit-store.js'
import type { OpenOptions } from './clickhouse.js'
import { migrations } from './migrations/index.js'
import type { Retention } from './retention.js'

export interface OpenStore {
  store: AuditStore
  /** a second client of the same data */
  another(options?: OpenOptions): AuditStore
  /** SIGKILLs the server and starts it again */
  crash(): Promise<void>
  stop(): Promise<void>
}

const at = '2026-03-10 02:00:00.000'
let offsets = 0

/** A row of access_events as landing writes it. */
const row = (over: Partial<AccessEvent> = {}, appended_at = at): string => {
  const event = anAccessEvent(over)
  const place = { log_partition: 0, log_offset: offsets++, appended_at, raw: JSON.stringify(event) }
  return JSON.stringify({ ...event, time: event.time.slice(0, 23).replace('T', ' '), ...place })
}

const verdictRow = (event_id: string, verdict: string, rule = ''): string =>
  JSON.stringify({
    event_id,
    verdict,
    rule,
    time: at,
    log_partition: 0,
    log_offset: offsets++,
    appended_at: at,
    raw: '',
  })

/** Port 2's promise, one sentence a test. `open` gives a store on an empty place, not yet migrated. */
export const auditStoreContract = (open: () => Promise<OpenStore>): void => {
  let place: OpenStore
  let store: AuditStore
  beforeAll(async () => {
    place = await open()
    store = place.store
    expect(await store.migrate()).toEqual(migrations.map(({ version, name }) => `${version} ${name}`))
  })
  afterAll(() => place.stop())

  const count = async (where: string, params = {}): Promise<number> =>
    (await store.query<{ n: number }>(`SELECT count() AS n FROM access_events WHERE ${where}`, params))[0]?.n ?? NaN
  const perMinute = async (source: string): Promise<number> =>
    (
      await store.query<{ n: number }>(
        'SELECT sum(accesses) AS n FROM accesses_per_minute WHERE source = {source:String}',
        { source },
      )
    )[0]?.n ?? NaN

  describe('insert', () => {
    it('adds nothing when the same token comes again, in the table and in its views', async () => {
      const rows = [row({ source: 'twice' }), row({ source: 'twice' })]
      for (let time = 0; time < 3; time++) await store.insert('access_events', rows, { token: 'twice/0-1' })
      expect(await count(`source = 'twice'`)).toBe(2)
      expect(await perMinute('twice')).toBe(2)
    })

    it('counts for the chart, once however often a range is repeated, what people did', async () => {
      const source = 'chart'
      const rows = [
        row({ source, action: 'view' }),
        row({ source, action: 'view', time: '2026-03-10T02:00:59.999Z' }),
        row({ source, action: 'photo_view', outcome: 'held' }),
        row({ source, action: 'view', time: '2026-03-10T02:01:00.000Z' }),
        row({ source, actor: 'system', action: 'lift' }),
        row({ source, action: 'export', part_of: 'header' }),
      ]
      for (let time = 0; time < 3; time++) await store.insert('access_events', rows, { token: 'chart/0-5' })
      expect(
        await store.query(
          `SELECT minute, action, outcome, sum(accesses) AS n FROM accesses_per_minute WHERE source = {source:String}
           GROUP BY minute, action, outcome ORDER BY minute, action`,
          { source },
        ),
      ).toEqual([
        { minute: '2026-03-10T02:00:00Z', action: 'photo_view', outcome: 'held', n: 1 },
        { minute: '2026-03-10T02:00:00Z', action: 'view', outcome: 'granted', n: 2 },
        { minute: '2026-03-10T02:01:00Z', action: 'view', outcome: 'granted', n: 1 },
      ])
    })

    it('keeps whom an access was about apart, a row for each customer, once however often a range is repeated', async () => {
      const events = [
        row({ id: 'opened', source: 'whom', action: 'view', customer_id: 'ann' }),
        row({
          id: 'found',
          source: 'whom',
          action: 'search',
          customer_id: undefined,
          record_ids: ['ann', 'bo', 'bo'],
          count: 40,
        }),
        row({ id: 'both', source: 'whom', action: 'update', customer_id: 'ann', record_ids: ['ann', 'bo'] }),
        row({ id: 'nobody', source: 'whom', action: 'sign_in', customer_id: undefined }),
      ]
      for (let time = 0; time < 3; time++) await store.insert('access_events', events, { token: 'whom/0-3' })
      const ofWhom = `SELECT id, among FROM accesses_by_customer WHERE customer = {customer:String} ORDER BY id`
      expect(await store.query(ofWhom, { customer: 'ann' })).toEqual([
        { id: 'both', among: null },
        { id: 'found', among: 40 },
        { id: 'opened', among: null },
      ])
      expect(await store.query(ofWhom, { customer: 'bo' })).toEqual([
        { id: 'both', among: 2 },
        { id: 'found', among: 40 },
      ])
      expect(await store.query(ofWhom, { customer: '' })).toEqual([])
    })

    it('adds the same rows again under another token', async () => {
      const rows = [row({ source: 'tokens' })]
      await store.insert('access_events', rows, { token: 'tokens/0' })
      await store.insert('access_events', rows, { token: 'tokens/1' })
      expect(await perMinute('tokens')).toBe(2)
    })

    it('takes rows as bytes as well as text, and nothing for no rows', async () => {
      await store.insert('access_events', [Buffer.from(row({ source: 'bytes' }))], { token: 'bytes/0' })
      await store.insert('access_events', [], { token: 'bytes/none' })
      expect(await count(`source = 'bytes'`)).toBe(1)
    })

    it('rejects a row that does not fit, a column that does not exist, and a table that is no plain name', async () => {
      await expect(store.insert('access_events', ['{"v":"many"}'], { token: 'bad/0' })).rejects.toThrow()
      await expect(store.insert('access_events', ['{"nosuch":1}'], { token: 'bad/1' })).rejects.toThrow()
      await expect(store.insert('access_events; DROP', [row()], { token: 'bad/2' })).rejects.toThrow('plain name')
    })

    it('is durable when it resolves', async () => {
      await store.insert('access_events', [row({ source: 'durable' })], { token: 'durable/0' })
      await place.crash()
      expect(await count(`source = 'durable'`)).toBe(1)
      await store.insert('access_events', [row({ source: 'durable' })], { token: 'durable/0' })
      expect(await count(`source = 'durable'`)).toBe(1)
    })
  })

  describe('query', () => {
    it('binds parameters: a value is never SQL', async () => {
      const value = `'; DROP TABLE verdicts -- \\ \n \t {x:String} 张三`
      expect(
        await store.query('SELECT {value:String} AS value, {list:Array(String)} AS list, {n:UInt8} AS n', {
          value,
          list: [value, "it's"],
          n: 7,
        }),
      ).toEqual([{ value, list: [value, "it's"], n: 7 }])
    })

    it('takes a statement of some megabytes, with a literal that long', async () => {
      const length = 3_500_000
      expect(await store.query(`SELECT length('${'x'.repeat(length)}') AS length`)).toEqual([{ length }])
    })

    it('fails when a parameter is missing, also right after a query that had it', async () => {
      await store.query('SELECT {secret:String}', { secret: 'a' })
      await expect(store.query('SELECT {secret:String}')).rejects.toThrow(/secret/)
    })

    it('keeps parameters of queries that run at the same time apart', async () => {
      const asked = Array.from({ length: 40 }, (_, n) => n)
      const told = await Promise.all(asked.map((n) => store.query<{ n: number }>('SELECT {n:UInt32} AS n', { n })))
      expect(told.map(([first]) => first?.n)).toEqual(asked)
    })

    it('tells whoever asks what a query read', async () => {
      const told: object[] = []
      const rows = await store.query(
        'SELECT max(number) AS n FROM numbers(1000)',
        {},
        { cost: (cost) => told.push(cost) },
      )
      expect(rows).toEqual([{ n: 999 }])
      expect(told).toEqual([{ rows: 1000, bytes: 8000 }])
    })

    it('does not let settings of one request reach another', async () => {
      const bound = `SELECT value FROM system.settings WHERE name = 'max_execution_time'`
      expect(await store.query(bound, {}, { maxSeconds: 7 })).toEqual([{ value: '7' }])
      expect(await store.query(bound)).toEqual([{ value: '30' }])
    })

    it('gives numbers as numbers and times in ISO 8601', async () => {
      expect(
        await store.query(`SELECT toUInt64(5) AS n, toDateTime64('2026-03-10 02:00:00.123', 3, 'UTC') AS time`),
      ).toEqual([{ n: 5, time: '2026-03-10T02:00:00.123Z' }])
    })

    it("rejects with ClickHouse's own code and type", async () => {
      await expect(store.query('SELECT * FROM nosuch')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' })
      await expect(store.query('SELEKT')).rejects.toMatchObject({ code: '62' })
    })

    it('ends a query that nobody waits for any more, also where it runs', async () => {
      const endless = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 2'
      const running = async () => {
        const [row] = await store.query<{ n: number }>(
          `SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64(number) = 2%' AND query NOT LIKE '%processes%'`,
        )
        return row?.n
      }
      const until = async (n: number) => {
        for (let tries = 0; tries < 100 && (await running()) !== n; tries++)
          await new Promise((done) => setTimeout(done, 100))
        return running()
      }
      const given = new AbortController()
      const ended = expect(store.query(endless, {}, { maxSeconds: 25, signal: given.signal })).rejects.toThrow()
      expect(await until(1)).toBe(1)
      given.abort()
      await ended
      expect(await until(0)).toBe(0)
    })

    it('ends a query that runs longer than its bound, while others go on', async () => {
      const endless = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1'
      const ends = Array.from({ length: 3 }, () => store.query(endless, {}, { maxSeconds: 1 }))
      const failed = Promise.all(ends.map((end) => expect(end).rejects.toMatchObject({ code: '159' })))
      expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
      await store.insert('access_events', [row({ source: 'meanwhile' })], { token: 'meanwhile/0' })
      await failed
      expect(await count(`source = 'meanwhile'`)).toBe(1)
    })
  })

  describe('migrate', () => {
    it('runs once: a second time, and from another process, there is nothing left to do', async () => {
      expect(await store.migrate()).toEqual([])
      const another = place.another()
      expect(await another.migrate()).toEqual([])
      await another.close()
    })

    it('has a column for every field of an access event', async () => {
      const columns = await store.query<{ name: string }>(
        `SELECT name FROM system.columns WHERE table = 'access_events' AND database = currentDatabase()`,
      )
      expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(AccessEvent.shape)))
    })
  })

  describe('a connection that only reads', () => {
    it('reads, and is refused everything else', async () => {
      const reader = place.another({ readOnly: true })
      const refused = { code: '164', type: 'READONLY' }
      expect(await reader.query('SELECT {n:UInt8} AS n', { n: 1 }, { maxSeconds: 5 })).toEqual([{ n: 1 }])
      const before = await count('1')
      await expect(reader.insert('access_events', [row()], { token: 'reader/0' })).rejects.toMatchObject(refused)
      for (const change of [
        `INSERT INTO schema_migrations (version, name) SELECT 99, 'x'`,
        'TRUNCATE TABLE access_events',
        'ALTER TABLE access_events DELETE WHERE 1',
        'DROP TABLE verdicts',
        'CREATE TABLE mine (a UInt8) ENGINE = MergeTree ORDER BY a',
      ])
        await expect(reader.query(change)).rejects.toMatchObject(refused)
      await expect(reader.query('SELECT 1 SETTINGS readonly = 0')).rejects.toMatchObject(refused)
      await expect(reader.migrate()).rejects.toMatchObject(refused)
      expect(await count('1')).toBe(before)
      await reader.close()
    })
  })

  describe('retention', () => {
    const monthsAgo = (months: number): string => {
      const date = new Date()
      date.setUTCMonth(date.getUTCMonth() - months, 1)
      return date.toISOString().slice(0, 23).replace('T', ' ')
    }
    const kept = async (retention: Retention): Promise<string[]> => {
      const keeper = place.another({ retention })
      return keeper.migrate().finally(() => keeper.close())
    }
    const present = async (): Promise<string[]> => {
      await store.query('OPTIMIZE TABLE access_events FINAL SETTINGS optimize_throw_if_noop = 0')
      const rows = await store.query<{ id: string }>(`SELECT id FROM access_events WHERE source = 'kept' ORDER BY id`)
      return rows.map(({ id }) => id)
    }

    it('deletes what was received too long ago, however old what it tells is', async () => {
      const kept2 = { hotMonths: 1, keepMonths: 2 }
      await store.insert('access_events', [row({ id: 'old', source: 'kept' }, monthsAgo(4))], { token: 'kept/0' })
      await store.insert(
        'access_events',
        [row({ id: 'told late', source: 'kept', time: '2019-01-01T00:00:00.000Z' }, monthsAgo(0))],
        { token: 'kept/1' },
      )
      expect(await present()).toEqual(['old', 'told late'])
      expect(await kept(kept2)).toEqual(
        ['access_events', 'verdicts', 'alerts', 'dead_letters', 'accesses_per_minute', 'accesses_by_customer'].map(
          (table) => `${table}: kept 2 months from receipt`,
        ),
      )
      expect(await present()).toEqual(['told late'])
      expect(await kept(kept2)).toEqual([])
    })

    it('follows the configuration, and does nothing where it is in force', async () => {
      const longer = { hotMonths: 3, keepMonths: 240 }
      expect(await kept(longer)).toHaveLength(6)
      expect(await kept(longer)).toEqual([])
      await store.insert('access_events', [row({ id: 'old again', source: 'kept' }, monthsAgo(40))], {
        token: 'kept/2',
      })
      expect(await present()).toEqual(['old again', 'told late'])
    })
  })

  describe('the view of accesses', () => {
    const outcomes = (ids: string[]) =>
      store.query('SELECT id, final_outcome, verdict_rule FROM accesses WHERE id IN {ids:Array(String)} ORDER BY id', {
        ids,
      })

    it.each([
      { kind: 'UUIDv7', id: (n: number) => `019cda31-3080-71c3-83d3-2a27fabf950${n}` },
      { kind: 'other', id: (n: number) => `held-${n}` },
    ])('gives a held access its strictest verdict, and expired without one ($kind ids)', async ({ kind, id }) => {
      const held = { source: kind, outcome: 'held', time: '2026-03-10T23:59:59.999Z' } as const
      const rows = [0, 1, 2, 3].map((n) => row({ ...held, id: id(n) }))
      await store.insert('access_events', [...rows, row({ source: kind, id: id(4) })], { token: `${kind}/0` })
      await store.insert(
        'verdicts',
        [
          verdictRow(id(0), 'allowed'),
          verdictRow(id(1), 'allowed'),
          verdictRow(id(1), 'refused', 'bulk'),
          verdictRow(id(1), 'expired'),
          verdictRow(id(2), 'expired'),
          verdictRow(id(2), 'allowed'),
          verdictRow(id(4), 'refused', 'not-held'),
        ],
        { token: `${kind}/verdicts` },
      )
      expect(await outcomes([0, 1, 2, 3, 4].map(id))).toEqual([
        { id: id(0), final_outcome: 'allowed', verdict_rule: '' },
        { id: id(1), final_outcome: 'refused', verdict_rule: 'bulk' },
        { id: id(2), final_outcome: 'expired', verdict_rule: '' },
        { id: id(3), final_outcome: 'expired', verdict_rule: '' },
        { id: id(4), final_outcome: 'granted', verdict_rule: '' },
      ])
    })

    it('shows an access once, even when its row and its verdict were landed twice', async () => {
      const rows = [row({ id: 'doubled', outcome: 'held' })]
      for (const token of ['doubled/0', 'doubled/1']) {
        await store.insert('access_events', rows, { token })
        await store.insert('verdicts', [verdictRow('doubled', 'allowed')], { token })
      }
      expect(await outcomes(['doubled'])).toEqual([{ id: 'doubled', final_outcome: 'allowed', verdict_rule: '' }])
    })

    it('gives a period from its first instant to the one before its end', async () => {
      const times = [
        '2026-05-31T15:59:59.999Z',
        '2026-05-31T16:00:00.000Z',
        '2026-06-01T15:59:59.999Z',
        '2026-06-01T16:00:00.000Z',
      ]
      await store.insert(
        'access_events',
        times.map((time) => row({ source: 'period', time })),
        { token: 'period/0' },
      )
      const day = { from: '2026-05-31 16:00:00.000', to: '2026-06-01 16:00:00.000' }
      const between = await store.query<{ time: string }>(
        `SELECT time FROM accesses_between(from = {from:String}, to = {to:String}) WHERE source = 'period' ORDER BY time`,
        day,
      )
      expect(between.map(({ time }) => time)).toEqual(times.slice(1, 3))
    })
  })

  it('answers a check', async () => {
    await expect(store.check()).resolves.toBeUndefined()
  })
}
