import { describe, expect, it } from '@jest/globals'
import type { Retention } from '../retention.js'
import { row, type OpenStore } from './open-store.js'

/** How long what was received is kept. */
export const retentionContract = (place: () => OpenStore): void =>
  describe('retention', () => {
    const monthsAgo = (months: number): string => {
      const date = new Date()
      date.setUTCMonth(date.getUTCMonth() - months, 1)
      return date.toISOString().slice(0, 23).replace('T', ' ')
    }
    const kept = async (retention: Retention): Promise<string[]> => {
      const keeper = place().another({ retention })
      return keeper.migrate().finally(() => keeper.close())
    }
    const present = async (): Promise<string[]> => {
      await place().store.query('OPTIMIZE TABLE access_events FINAL SETTINGS optimize_throw_if_noop = 0')
      const rows = await place().store.query<{ id: string }>(
        `SELECT id FROM access_events WHERE source = 'kept' ORDER BY id`,
      )
      return rows.map(({ id }) => id)
    }

    it('deletes what was received too long ago, however old what it tells is', async () => {
      const kept2 = { hotMonths: 1, keepMonths: 2 }
      await place().store.insert('access_events', [row({ id: 'old', source: 'kept' }, monthsAgo(4))], {
        token: 'kept/0',
      })
      await place().store.insert(
        'access_events',
        [row({ id: 'told late', source: 'kept', time: '2019-01-01T00:00:00.000Z' }, monthsAgo(0))],
        { token: 'kept/1' },
      )
      expect(await present()).toEqual(['old', 'told late'])
      expect(await kept(kept2)).toEqual(
        [
          'access_events',
          'verdicts',
          'alerts',
          'dead_letters',
          'late_events',
          'accesses_per_minute',
          'accesses_by_customer',
        ].map((table) => `${table}: kept 2 months from receipt`),
      )
      expect(await present()).toEqual(['told late'])
      expect(await kept(kept2)).toEqual([])
    })

    it('follows the configuration, and does nothing where it is in force', async () => {
      const longer = { hotMonths: 3, keepMonths: 240 }
      expect(await kept(longer)).toHaveLength(7)
      expect(await kept(longer)).toEqual([])
      await place().store.insert('access_events', [row({ id: 'old again', source: 'kept' }, monthsAgo(40))], {
        token: 'kept/2',
      })
      expect(await present()).toEqual(['old again', 'told late'])
    })
  })
