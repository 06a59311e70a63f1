import { describe, expect, it } from '@jest/globals'
import { about, durationOf, grouped, longTime, middle, minutesAgo, shortTime, type Zoned } from './format.js'

const shanghai: Zoned = { locale: 'en', zone: 'Asia/Shanghai' }
const now = Date.parse('2026-03-10T06:30:00Z') // 14:30 in Shanghai

describe('times', () => {
  it('today is the clock alone, in the reader’s zone', () => {
    expect(shortTime('2026-03-10T06:02:00Z', shanghai, now)).toBe('14:02')
    expect(shortTime('2026-03-10T06:02:11Z', shanghai, now, true)).toBe('14:02:11')
  })
  it('midnight belongs to the reader’s zone', () => {
    expect(shortTime('2026-03-09T16:00:00Z', shanghai, now)).toBe('00:00')
    expect(shortTime('2026-03-09T15:59:00Z', shanghai, now)).toBe('Mar 9, 23:59')
  })
  it('another year says so', () => expect(shortTime('2025-11-12T06:00:00Z', shanghai, now)).toBe('Nov 12, 2025, 14:00'))
  it('the hover has seconds and the zone', () => {
    expect(longTime('2026-03-10T06:02:11Z', shanghai)).toMatch(/Mar 10, 2026.*14:02:11.*GMT\+8/)
  })
  it('is relative only under an hour', () => {
    expect(minutesAgo('2026-03-10T06:26:10Z', now)).toBe(3)
    expect(minutesAgo('2026-03-10T06:30:02Z', now)).toBe(0)
    expect(minutesAgo('2026-03-10T05:30:00Z', now)).toBeUndefined()
    expect(minutesAgo('2026-03-10T06:45:00Z', now)).toBeUndefined()
  })
})

describe('numbers and ids', () => {
  it('durations take their largest whole unit', () => {
    expect(durationOf(240)).toEqual({ n: 4, unit: 'minutes' })
    expect(durationOf(90)).toEqual({ n: 90, unit: 'seconds' })
    expect(durationOf(7200)).toEqual({ n: 2, unit: 'hours' })
    expect(durationOf(86_400)).toEqual({ n: 1, unit: 'days' })
  })
  it('big numbers are grouped', () => expect(grouped(1204, 'zh-CN')).toBe('1,204'))
  it('ids are shortened in the middle, short ones not at all', () => {
    expect(middle('0192f3a1-7b22-7c3d-9e4f-1a2b3c4d9c4e')).toBe('0192f3a1…9c4e')
    expect(middle('case-1042')).toBe('case-1042')
  })
  it('says about how long something took', () => {
    expect([1, 42, 89, 247, 5_700, 200_000].map(about)).toEqual([
      { n: 1, unit: 'seconds' },
      { n: 42, unit: 'seconds' },
      { n: 89, unit: 'seconds' },
      { n: 4, unit: 'minutes' },
      { n: 2, unit: 'hours' },
      { n: 2, unit: 'days' },
    ])
  })
})
