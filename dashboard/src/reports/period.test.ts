import { describe, expect, it } from '@jest/globals'
import { boundsOf, dayOf, daysOf, periodOf, plusDays, presetPeriod, presets } from './period.js'

const shanghai = 'Asia/Shanghai'
const at = (iso: string) => Date.parse(iso)

describe('days in a time zone', () => {
  it('begin at midnight there, to the millisecond', () => {
    expect(boundsOf({ first: '2026-11-22', last: '2026-11-22' }, shanghai)).toEqual({
      from: '2026-11-21T16:00:00.000Z',
      to: '2026-11-22T16:00:00.000Z',
    })
    expect(dayOf(at('2026-11-21T15:59:59.999Z'), shanghai)).toBe('2026-11-21')
    expect(dayOf(at('2026-11-21T16:00:00.000Z'), shanghai)).toBe('2026-11-22')
  })
  it('are 23 and 25 hours long where the clocks change', () => {
    const hours = (day: string) => {
      const { from, to } = boundsOf({ first: day, last: day }, 'Europe/Berlin')
      return (at(to) - at(from)) / 3_600_000
    }
    expect([hours('2026-03-29'), hours('2026-10-25'), hours('2026-10-26')]).toEqual([23, 25, 24])
  })
  it('begin after the gap where the clocks skip midnight', () => {
    expect(boundsOf({ first: '2018-11-04', last: '2018-11-04' }, 'America/Sao_Paulo').from).toBe(
      '2018-11-04T03:00:00.000Z',
    )
  })
  it('work at the far ends of the earth', () => {
    const from = (zone: string) => boundsOf({ first: '2026-01-01', last: '2026-01-01' }, zone).from
    expect(from('Pacific/Kiritimati')).toBe('2025-12-31T10:00:00.000Z')
    expect(from('Pacific/Pago_Pago')).toBe('2026-01-01T11:00:00.000Z')
  })
  it('cross months and leap days', () => {
    expect([plusDays('2026-02-28', 1), plusDays('2028-02-28', 1), plusDays('2026-01-01', -1)]).toEqual([
      '2026-03-01',
      '2028-02-29',
      '2025-12-31',
    ])
    expect(daysOf({ first: '2026-10-24', last: '2026-10-26' })).toEqual(['2026-10-24', '2026-10-25', '2026-10-26'])
  })
})

describe('periods', () => {
  it('come back from their bounds', () => {
    const period = { first: '2026-11-16', last: '2026-11-22' }
    const { from, to } = boundsOf(period, shanghai)
    expect(periodOf(from, to, shanghai)).toEqual(period)
  })
  it('presets follow the day of the zone, not of the machine', () => {
    const lateSunday = at('2026-11-22T15:59:59.999Z')
    const monday = at('2026-11-22T16:00:00.000Z')
    expect(presetPeriod('today', shanghai, lateSunday).first).toBe('2026-11-22')
    expect(presetPeriod('this_week', shanghai, lateSunday)).toEqual({ first: '2026-11-16', last: '2026-11-22' })
    expect(presetPeriod('this_week', shanghai, monday)).toEqual({ first: '2026-11-23', last: '2026-11-23' })
    expect(presetPeriod('last_week', shanghai, monday)).toEqual({ first: '2026-11-16', last: '2026-11-22' })
  })
  it('months end with their last day, over the turn of the year', () => {
    const january = at('2026-01-15T04:00:00.000Z')
    expect(presetPeriod('last_month', shanghai, january)).toEqual({ first: '2025-12-01', last: '2025-12-31' })
    expect(presetPeriod('this_month', shanghai, january)).toEqual({ first: '2026-01-01', last: '2026-01-15' })
    expect(presetPeriod('yesterday', shanghai, january)).toEqual({ first: '2026-01-14', last: '2026-01-14' })
  })
  it('every preset goes forward', () => {
    for (const preset of presets) {
      const { first, last } = presetPeriod(preset, shanghai, at('2026-03-01T00:00:00.000Z'))
      expect(first <= last).toBe(true)
    }
  })
})
