import { describe, expect, it } from '@jest/globals'
import { YEAR_UNKNOWN } from '@custodia/contracts'
import { calendarTold } from '../notices/told.js'
import { businessCalendar } from './calendar.js'
import { CalendarSettings } from './calendar-settings.js'
import { calendarWarnings } from './calendar-watch.js'

const calendar = (over: Partial<CalendarSettings> = {}) => {
  const at = businessCalendar(CalendarSettings.parse(over))
  return (instant: string) => {
    const { workday, off_hours } = at(new Date(instant))
    return { workday, off_hours }
  }
}
const working = { workday: true, off_hours: false }
const evening = { workday: true, off_hours: true }
const dayOff = { workday: false, off_hours: true }

describe("China's calendar", () => {
  const at = calendar()

  it('knows National Day and its make-up working Saturday', () => {
    expect(at('2026-10-01T10:00:00+08:00')).toEqual(dayOff)
    expect(at('2026-10-10T10:00:00+08:00')).toEqual(working)
  })

  it('has weekends', () => {
    expect(at('2026-11-20T10:00:00+08:00')).toEqual(working)
    expect(at('2026-11-21T10:00:00+08:00')).toEqual(dayOff)
    expect(at('2026-11-22T10:00:00+08:00')).toEqual(dayOff)
  })

  it('opens at 08:30 and is closed at 18:30, to the millisecond', () => {
    expect(at('2026-11-20T08:29:59.999+08:00')).toEqual(evening)
    expect(at('2026-11-20T08:30:00.000+08:00')).toEqual(working)
    expect(at('2026-11-20T18:29:59.999+08:00')).toEqual(working)
    expect(at('2026-11-20T18:30:00.000+08:00')).toEqual(evening)
  })

  it("turns the day at Shanghai's midnight, not at that of UTC", () => {
    expect(at('2026-11-19T15:59:59.999Z')).toEqual(evening) // still Thursday
    expect(at('2026-11-20T15:59:59.999Z')).toEqual(evening) // Friday, 23:59
    expect(at('2026-11-20T16:00:00.000Z')).toEqual(dayOff) // Saturday
    expect(at('2026-11-22T15:59:59.999Z')).toEqual(dayOff)
    expect(at('2026-11-22T16:00:00.000Z')).toEqual(evening) // Monday
  })
})

describe('a year whose arrangement is not known', () => {
  const open = (over: object = {}) => CalendarSettings.parse(over)
  const at = (day: string, over: object = {}) => businessCalendar(open(over))(new Date(`${day}T10:00:00+08:00`))
  // made up: the shape of an announcement, and not one
  const public_holidays = { 2027: { holidays: ['2027-03-01', '2027-03-02'], workdays: ['2027-03-06'] } }

  it('has weekends and own days alone, and says so with each answer', () => {
    expect(at('2026-12-31').version).not.toContain(YEAR_UNKNOWN)
    expect(at('2027-10-01')).toMatchObject({ workday: true, version: expect.stringMatching(/-year-unknown$/) })
    expect(at('2027-10-02')).toMatchObject({ workday: false })
    expect(at('2027-10-01', { extra_holidays: ['2027-10-01'] })).toMatchObject({ workday: false })
    expect(at('2027-01-01', { holidays: 'none' }).version).not.toContain(YEAR_UNKNOWN)
  })

  it('turns with the year of its own time zone', () => {
    const last = (instant: string) => businessCalendar(open())(new Date(instant)).version.endsWith(YEAR_UNKNOWN)
    expect(last('2026-12-31T15:59:59.999Z')).toBe(false)
    expect(last('2026-12-31T16:00:00.000Z')).toBe(true)
  })

  it('is known once somebody wrote it down, wholly as written', () => {
    expect(at('2027-03-01', { public_holidays })).toMatchObject({ workday: false })
    expect(at('2027-03-06', { public_holidays })).toMatchObject({ workday: true })
    expect(at('2027-03-06', { public_holidays }).version).not.toContain(YEAR_UNKNOWN)
    expect(at('2028-03-06', { public_holidays }).version).toContain(YEAR_UNKNOWN)
    const instead = { public_holidays: { 2026: { holidays: ['2026-10-12'], workdays: [] } } }
    expect([at('2026-10-01', instead), at('2026-10-12', instead)]).toMatchObject([
      { workday: true },
      { workday: false },
    ])
    expect(at('2026-01-05', { public_holidays }).version).not.toBe(at('2026-01-05').version)
  })

  it('is warned of from November on, and loudly from its first day', () => {
    const warned = (instant: string, over: object = {}) => calendarWarnings(open(over), new Date(instant))[0]
    expect(warned('2026-10-31T15:59:59Z')).toBeUndefined()
    expect(warned('2026-10-31T16:00:00Z')).toMatchObject({ late: false, year: 2027 })
    expect(warned('2026-12-31T16:00:00Z')).toMatchObject({
      late: true,
      year: 2027,
      en: expect.stringContaining('2027'),
    })
    expect(warned('2027-06-01T00:00:00Z', { public_holidays })).toBeUndefined()
    expect(warned('2027-11-02T00:00:00Z', { public_holidays })).toMatchObject({ late: false, year: 2028 })
    expect(warned('2030-01-01T00:00:00Z', { holidays: 'none' })).toBeUndefined()
  })

  it('is one in a gap, and one before the shipped ones, unless it is given', () => {
    const gap = { public_holidays: { 2028: { holidays: ['2028-03-01'], workdays: [] } } }
    const unknown = (day: string, over: object = gap) => at(day, over).version.endsWith(YEAR_UNKNOWN)
    const years = ['2003-06-02', '2004-06-01', '2026-06-01', '2027-06-01', '2028-06-01', '2029-06-01']
    expect(years.map((day) => unknown(day))).toEqual([true, false, false, true, false, true])
    const warned = (instant: string) => calendarWarnings(open(gap), new Date(instant))[0]
    expect(warned('2026-12-01T00:00:00Z')).toMatchObject({ late: false, year: 2027 })
    expect(warned('2027-03-01T00:00:00Z')).toMatchObject({ late: true, year: 2027 })
    expect(warned('2028-03-01T00:00:00Z')).toBeUndefined()
    expect(unknown('2003-06-02', { public_holidays: { 2003: { holidays: ['2003-05-01'], workdays: [] } } })).toBe(false)
  })

  it('is told of once a week, then once a day', () => {
    const told = (late: boolean, instant: string) =>
      calendarTold({ late, year: 2027, en: 'x', zh: 'x' }, new Date(instant))
    expect(told(false, '2026-11-23T00:00:00Z').id).toBe(told(false, '2026-11-25T00:00:00Z').id)
    expect(told(false, '2026-11-23T00:00:00Z').id).not.toBe(told(false, '2026-11-30T00:00:00Z').id)
    expect(told(true, '2027-01-01T00:00:00Z').id).not.toBe(told(true, '2027-01-02T00:00:00Z').id)
    expect(told(true, '2027-01-01T00:00:00Z').notice).toMatchObject({ kind: 'calendar', severity: 'critical' })
  })
})

describe('another calendar', () => {
  const newYork = calendar({ time_zone: 'America/New_York', holidays: 'none', hours: { from: '09:00', to: '17:00' } })

  it('follows daylight saving time', () => {
    expect(newYork('2026-03-06T13:59:59Z')).toEqual(evening) // winter: 09:00 is 14:00 UTC
    expect(newYork('2026-03-06T14:00:00Z')).toEqual(working)
    expect(newYork('2026-03-09T12:59:59Z')).toEqual(evening) // summer: 09:00 is 13:00 UTC
    expect(newYork('2026-03-09T13:00:00Z')).toEqual(working)
  })

  it('keeps every moment of the days with 23 and 25 hours in its day', () => {
    expect(newYork('2026-03-09T03:59:59.999Z')).toEqual(dayOff) // Sunday of 23 hours ends
    expect(newYork('2026-03-09T04:00:00.000Z')).toEqual(evening)
    expect(newYork('2026-11-02T04:59:59.999Z')).toEqual(dayOff) // Sunday of 25 hours ends
    expect(newYork('2026-11-02T05:00:00.000Z')).toEqual(evening)
  })

  it('knows no Chinese holiday', () => {
    expect(newYork('2026-10-01T15:00:00Z')).toEqual(working)
  })

  it('takes days off and working days of its own; days off win', () => {
    const own = calendar({
      extra_holidays: ['2026-11-20', '2026-11-28'],
      extra_workdays: ['2026-11-21', '2026-11-28'],
    })
    expect(own('2026-11-20T10:00:00+08:00')).toEqual(dayOff)
    expect(own('2026-11-21T10:00:00+08:00')).toEqual(working)
    expect(own('2026-11-28T10:00:00+08:00')).toEqual(dayOff)
  })

  it('may be open around the clock', () => {
    const always = calendar({ hours: { from: '00:00', to: '24:00' } })
    expect(always('2026-11-20T00:00:00.000+08:00')).toEqual(working)
    expect(always('2026-11-20T23:59:59.999+08:00')).toEqual(working)
  })

  it('has a version that changes with the settings', () => {
    const version = (over: Partial<CalendarSettings>) =>
      businessCalendar(CalendarSettings.parse(over))(new Date()).version
    expect(version({})).toMatch(/^china-1\.5\.\d+-[0-9a-f]{12}$/)
    expect(version({})).toBe(version({}))
    expect(version({ extra_holidays: ['2026-11-20'] })).not.toBe(version({}))
    expect(version({})).toMatch(/92535d08fa07$/) // as older versions of Custodia named it: nothing was changed
  })
})
