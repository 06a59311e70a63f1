import { describe, expect, it } from '@jest/globals'
import { count, perMinute, row, type OpenStore } from './open-store.js'

/** What is inserted is there once, however often it comes, and durable. */
export const insertContract = (place: () => OpenStore): void =>
  describe('insert', () => {
    it('adds nothing when the same token comes again, in the table and in its views', async () => {
      const rows = [row({ source: 'twice' }), row({ source: 'twice' })]
      for (let time = 0; time < 3; time++) await place().store.insert('access_events', rows, { token: 'twice/0-1' })
      expect(await count(place(), `source = 'twice'`)).toBe(2)
      expect(await perMinute(place(), 'twice')).toBe(2)
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
      for (let time = 0; time < 3; time++) await place().store.insert('access_events', rows, { token: 'chart/0-5' })
      expect(
        await place().store.query(
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
      for (let time = 0; time < 3; time++) await place().store.insert('access_events', events, { token: 'whom/0-3' })
      const ofWhom = `SELECT id, among FROM accesses_by_customer WHERE customer = {customer:String} ORDER BY id`
      expect(await place().store.query(ofWhom, { customer: 'ann' })).toEqual([
        { id: 'both', among: null },
        { id: 'found', among: 40 },
        { id: 'opened', among: null },
      ])
      expect(await place().store.query(ofWhom, { customer: 'bo' })).toEqual([
        { id: 'both', among: 2 },
        { id: 'found', among: 40 },
      ])
      expect(await place().store.query(ofWhom, { customer: '' })).toEqual([])
    })

    it('adds the same rows again under another token', async () => {
      const rows = [row({ source: 'tokens' })]
      await place().store.insert('access_events', rows, { token: 'tokens/0' })
      await place().store.insert('access_events', rows, { token: 'tokens/1' })
      expect(await perMinute(place(), 'tokens')).toBe(2)
    })

    it('takes rows as bytes as well as text, and nothing for no rows', async () => {
      await place().store.insert('access_events', [Buffer.from(row({ source: 'bytes' }))], { token: 'bytes/0' })
      await place().store.insert('access_events', [], { token: 'bytes/none' })
      expect(await count(place(), `source = 'bytes'`)).toBe(1)
    })

    it('rejects a row that does not fit, a column that does not exist, and a table that is no plain name', async () => {
      await expect(place().store.insert('access_events', ['{"v":"many"}'], { token: 'bad/0' })).rejects.toThrow()
      await expect(place().store.insert('access_events', ['{"nosuch":1}'], { token: 'bad/1' })).rejects.toThrow()
      await expect(place().store.insert('access_events; DROP', [row()], { token: 'bad/2' })).rejects.toThrow(
        'plain name',
      )
    })

    it('is durable when it resolves', async () => {
      await place().store.insert('access_events', [row({ source: 'durable' })], { token: 'durable/0' })
      await place().crash()
      expect(await count(place(), `source = 'durable'`)).toBe(1)
      await place().store.insert('access_events', [row({ source: 'durable' })], { token: 'durable/0' })
      expect(await count(place(), `source = 'durable'`)).toBe(1)
    })
  })
