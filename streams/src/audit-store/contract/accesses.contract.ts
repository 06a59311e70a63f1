import { describe, expect, it } from '@jest/globals'
import { row, verdictRow, type OpenStore } from './open-store.js'

/** The view that people and reports read: final outcomes, periods. */
export const accessesContract = (place: () => OpenStore): void =>
  describe('the view of accesses', () => {
    const outcomes = (ids: string[]) =>
      place().store.query(
        'SELECT id, final_outcome, verdict_rule FROM accesses WHERE id IN {ids:Array(String)} ORDER BY id',
        {
          ids,
        },
      )

    it.each([
      { kind: 'UUIDv7', id: (n: number) => `019cda31-3080-71c3-83d3-2a27fabf950${n}` },
      { kind: 'other', id: (n: number) => `held-${n}` },
    ])('gives a held access its strictest verdict, and expired without one ($kind ids)', async ({ kind, id }) => {
      const held = { source: kind, outcome: 'held', time: '2026-03-10T23:59:59.999Z' } as const
      const rows = [0, 1, 2, 3].map((n) => row({ ...held, id: id(n) }))
      await place().store.insert('access_events', [...rows, row({ source: kind, id: id(4) })], { token: `${kind}/0` })
      await place().store.insert(
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
        await place().store.insert('access_events', rows, { token })
        await place().store.insert('verdicts', [verdictRow('doubled', 'allowed')], { token })
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
      await place().store.insert(
        'access_events',
        times.map((time) => row({ source: 'period', time })),
        { token: 'period/0' },
      )
      const day = { from: '2026-05-31 16:00:00.000', to: '2026-06-01 16:00:00.000' }
      const between = await place().store.query<{ time: string }>(
        `SELECT time FROM accesses_between(from = {from:String}, to = {to:String}) WHERE source = 'period' ORDER BY time`,
        day,
      )
      expect(between.map(({ time }) => time)).toEqual(times.slice(1, 3))
    })
  })
