import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { businessCalendar, CalendarSettings, readCalendarSettings } from './calendar.js'

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
  })
})

describe('the calendar file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'custodia-calendar-'))
  const file = join(directory, 'calendar.json')
  afterAll(() => rmSync(directory, { recursive: true }))

  it('overrides what it names', () => {
    writeFileSync(file, '{"hours": {"from": "09:00", "to": "12:00"}}')
    expect(readCalendarSettings(file, 'Asia/Urumqi')).toMatchObject({
      time_zone: 'Asia/Urumqi',
      hours: { from: '09:00', to: '12:00' },
      holidays: 'china',
    })
  })

  it.each([
    ['{"hours": {"from": "9", "to": "12:00"}}', /hours\.from: not a time of day/],
    ['{"hours": {"from": "13:00", "to": "12:00"}}', /hours: `from` must be before `to`/],
    ['{"time_zone": "Mars/Base"}', /time_zone: not an IANA time zone/],
    ['{"extra_holidays": ["2026-02-30"]}', /extra_holidays\.0: not a date such as/],
    ['{"closed": true}', /: there is no closed$/],
    ['[]', /file: not an object$/],
    ['{', /is not JSON/],
  ])('refuses %s in one sentence', (content, sentence) => {
    writeFileSync(file, content)
    expect(() => readCalendarSettings(file)).toThrow(sentence)
  })
})
