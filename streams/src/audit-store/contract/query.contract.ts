import { describe, expect, it } from '@jest/globals'
import { count, row, type OpenStore } from './open-store.js'

/** Questions: parameters, bounds, what comes back. */
export const queryContract = (place: () => OpenStore): void =>
  describe('query', () => {
    it('binds parameters: a value is never SQL', async () => {
      const value = `'; DROP TABLE verdicts -- \\ \n \t {x:String} 张三`
      expect(
        await place().store.query('SELECT {value:String} AS value, {list:Array(String)} AS list, {n:UInt8} AS n', {
          value,
          list: [value, "it's"],
          n: 7,
        }),
      ).toEqual([{ value, list: [value, "it's"], n: 7 }])
    })

    it('takes a statement of some megabytes, with a literal that long', async () => {
      const length = 3_500_000
      expect(await place().store.query(`SELECT length('${'x'.repeat(length)}') AS length`)).toEqual([{ length }])
    })

    it('fails when a parameter is missing, also right after a query that had it', async () => {
      await place().store.query('SELECT {secret:String}', { secret: 'a' })
      await expect(place().store.query('SELECT {secret:String}')).rejects.toThrow(/secret/)
    })

    it('keeps parameters of queries that run at the same time apart', async () => {
      const asked = Array.from({ length: 40 }, (_, n) => n)
      const told = await Promise.all(
        asked.map((n) => place().store.query<{ n: number }>('SELECT {n:UInt32} AS n', { n })),
      )
      expect(told.map(([first]) => first?.n)).toEqual(asked)
    })

    it('tells whoever asks what a query read', async () => {
      const told: object[] = []
      const rows = await place().store.query(
        'SELECT max(number) AS n FROM numbers(1000)',
        {},
        { cost: (cost) => told.push(cost) },
      )
      expect(rows).toEqual([{ n: 999 }])
      expect(told).toEqual([{ rows: 1000, bytes: 8000 }])
    })

    it('does not let settings of one request reach another', async () => {
      const bound = `SELECT value FROM system.settings WHERE name = 'max_execution_time'`
      expect(await place().store.query(bound, {}, { maxSeconds: 7 })).toEqual([{ value: '7' }])
      expect(await place().store.query(bound)).toEqual([{ value: '30' }])
    })

    it('gives numbers as numbers and times in ISO 8601', async () => {
      expect(
        await place().store.query(`SELECT toUInt64(5) AS n, toDateTime64('2026-03-10 02:00:00.123', 3, 'UTC') AS time`),
      ).toEqual([{ n: 5, time: '2026-03-10T02:00:00.123Z' }])
    })

    it("rejects with ClickHouse's own code and type", async () => {
      await expect(place().store.query('SELECT * FROM nosuch')).rejects.toMatchObject({
        code: '60',
        type: 'UNKNOWN_TABLE',
      })
      await expect(place().store.query('SELEKT')).rejects.toMatchObject({ code: '62' })
    })

    it('ends a query that nobody waits for any more, also where it runs', async () => {
      const endless = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 2'
      const running = async () => {
        const [row] = await place().store.query<{ n: number }>(
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
      const ended = expect(place().store.query(endless, {}, { maxSeconds: 25, signal: given.signal })).rejects.toThrow()
      expect(await until(1)).toBe(1)
      given.abort()
      await ended
      expect(await until(0)).toBe(0)
    })

    it('ends a query that runs longer than its bound, while others go on', async () => {
      const endless = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1'
      const ends = Array.from({ length: 3 }, () => place().store.query(endless, {}, { maxSeconds: 1 }))
      const failed = Promise.all(ends.map((end) => expect(end).rejects.toMatchObject({ code: '159' })))
      expect(await place().store.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
      await place().store.insert('access_events', [row({ source: 'meanwhile' })], { token: 'meanwhile/0' })
      await failed
      expect(await count(place(), `source = 'meanwhile'`)).toBe(1)
    })
  })
