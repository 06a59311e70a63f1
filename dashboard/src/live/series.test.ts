import { describe, expect, it } from '@jest/globals'
import { minuteSeries } from './series.js'

const now = Date.parse('2026-03-10T02:03:20.000Z')
const at = (minute: string, action: string, count: number) => ({ minute: `2026-03-10T${minute}:00Z`, action, count })

describe('accesses per minute', () => {
  it('ends with the minute that is running and has no gaps', () => {
    const { minutes } = minuteSeries([], now, 4)
    expect(minutes.map((minute) => new Date(minute).toISOString().slice(11, 16))).toEqual([
      '02:00',
      '02:01',
      '02:02',
      '02:03',
    ])
  })
  it('adds up actions of one group, fills quiet minutes with zero, leaves out what did not occur', () => {
    const counts = [at('02:01', 'search', 2), at('02:01', 'list', 3), at('02:03', 'photo_view', 7)]
    expect(minuteSeries(counts, now, 4).groups).toEqual([
      { group: 'search', values: [0, 5, 0, 0] },
      { group: 'photo', values: [0, 0, 0, 7] },
    ])
  })
  it('ignores what is older than it shows', () => {
    expect(minuteSeries([at('01:00', 'search', 2)], now, 4).groups).toEqual([])
  })
})
