import { describe, expect, it } from '@jest/globals'
import { YEAR_UNKNOWN } from '@custodia/contracts'
import { businessCalendar } from './calendar.js'
import { CalendarSettings } from './calendar-settings.js'
import { calendarWarnings, workingHours } from './calendar-watch.js'

const minuteMs = 60_000
const night = { from: '22:00', to: '06:00' }

const open = (shift: object, over: object = {}) => CalendarSettings.parse({ shifts: { team: shift }, ...over })

/** When the team works, from one UTC midnight to another: `20T14:00–20T22:00`, day and time in UTC. */
function worked(shift: object, from: string, to: string, over: object = {}): string[] {
  const at = businessCalendar(open(shift, over))
  const begins = new Date(`${from}T00:00:00Z`).getTime()
  const minutes = (new Date(`${to}T00:00:00Z`).getTime() - begins) / minuteMs
  const off = (n: number): boolean => at(new Date(begins + n * minuteMs), 'team').off_hours
  const name = (n: number): string => new Date(begins + n * minuteMs).toISOString().slice(8, 16)
  const found: string[] = []
  for (let n = 0; n < minutes; n++)
    if (!off(n)) {
      const first = n
      while (n < minutes && !off(n)) n++
      found.push(`${name(first)}–${name(n)}`)
    }
  return found
}

describe("a team's shift", () => {
  const at = businessCalendar(
    CalendarSettings.parse({
      shifts: {
        calls: { hours: { from: '07:00', to: '22:00' }, days: 'every_day' },
        finance: { hours: { from: '08:30', to: '21:00' } },
      },
    }),
  )
  const off = (instant: string, team?: string) => at(new Date(instant), team).off_hours

  it('has hours of its own, on days off too where it says so', () => {
    expect(off('2026-11-20T21:00:00+08:00', 'calls')).toBe(false)
    expect(off('2026-11-20T22:00:00+08:00', 'calls')).toBe(true)
    expect(off('2026-11-21T10:00:00+08:00', 'calls')).toBe(false)
    expect(at(new Date('2026-11-21T10:00:00+08:00'), 'calls').workday).toBe(false)
    expect(off('2026-11-20T20:59:59+08:00', 'finance')).toBe(false)
    expect(off('2026-11-21T10:00:00+08:00', 'finance')).toBe(true)
  })

  it('is its own alone', () => {
    expect(off('2026-11-20T20:00:00+08:00', 'sales')).toBe(true)
    expect(off('2026-11-20T20:00:00+08:00')).toBe(true)
    expect(off('2026-11-20T20:00:00+08:00', 'constructor')).toBe(true)
  })

  it('may be several spans: a break at noon, an early and a late one that meet', () => {
    const split = [
      { from: '08:30', to: '12:00' },
      { from: '13:30', to: '18:00' },
    ]
    expect(worked({ hours: split }, '2026-11-20', '2026-11-21')).toEqual(['20T00:30–20T04:00', '20T05:30–20T10:00'])
    const relay = [
      { from: '14:00', to: '22:30' },
      { from: '06:00', to: '14:30' },
    ]
    expect(worked({ hours: relay }, '2026-11-20', '2026-11-21')).toEqual(['20T00:00–20T14:30'])
    const round = [night, ...relay]
    expect(worked({ hours: round, days: 'every_day' }, '2026-11-20', '2026-11-22')).toEqual(['20T00:00–22T00:00'])
  })
})

describe('a shift over midnight', () => {
  it('belongs to the day on which it begins: Friday’s runs into Saturday, Sunday’s does not begin', () => {
    expect(worked({ hours: night }, '2026-11-20', '2026-11-24')).toEqual(['20T14:00–20T22:00', '23T14:00–23T22:00'])
    const at = businessCalendar(open({ hours: night }))
    const saturday = at(new Date('2026-11-21T05:59:59.999+08:00'), 'team')
    expect(saturday).toMatchObject({ off_hours: false, workday: false }) // the date on the clock is a Saturday
    const monday = at(new Date('2026-11-23T05:00:00+08:00'), 'team')
    expect(monday).toMatchObject({ off_hours: true, workday: true }) // Sunday's night was nobody's
  })

  it('of the day before a holiday runs into the holiday; of the last day off there is none', () => {
    // National Day: 1 to 7 October
    expect(worked({ hours: night }, '2026-09-30', '2026-10-09')).toEqual(['30T14:00–30T22:00', '08T14:00–08T22:00'])
  })

  it('of a make-up Saturday runs into the Sunday', () => {
    expect(worked({ hours: night }, '2026-10-10', '2026-10-12')).toEqual(['10T14:00–10T22:00'])
  })

  it('may end at midnight itself, and may last a whole day', () => {
    expect(worked({ hours: { from: '16:00', to: '00:00' } }, '2026-11-20', '2026-11-22')).toEqual(['20T08:00–20T16:00'])
    expect(worked({ hours: { from: '16:00', to: '24:00' } }, '2026-11-20', '2026-11-22')).toEqual(['20T08:00–20T16:00'])
    expect(worked({ hours: { from: '12:00', to: '11:59' } }, '2026-11-23', '2026-11-25')).toEqual([
      '23T04:00–24T03:59',
      '24T04:00–25T00:00',
    ])
  })

  it('may be of any length, in any zone: New York’s, seen from a UTC day later', () => {
    const long = { time_zone: 'America/New_York', hours: { from: '23:00', to: '22:00' }, holidays: 'none' }
    expect(worked(long, '2026-11-20', '2026-11-23')).toEqual([
      '20T00:00–20T03:00',
      '20T04:00–21T03:00',
      '21T04:00–22T03:00',
    ])
  })

  it('may be everybody’s', () => {
    const at = businessCalendar(CalendarSettings.parse({ hours: night }))
    expect(at(new Date('2026-11-21T05:59:59+08:00')).off_hours).toBe(false)
    expect(at(new Date('2026-11-21T06:00:00+08:00')).off_hours).toBe(true)
  })
})

describe("a team's time zone", () => {
  const day = { from: '09:00', to: '17:00' }
  const everyNight = { hours: night, days: 'every_day' }

  it('has its own hours and midnight', () => {
    expect(worked({ time_zone: 'Asia/Urumqi', hours: day }, '2026-11-20', '2026-11-21')).toEqual(['20T03:00–20T11:00'])
    expect(worked({ time_zone: 'Europe/Berlin' }, '2026-11-20', '2026-11-23')).toEqual(['20T07:30–20T17:30']) // everybody's hours
    const at = businessCalendar(open({ time_zone: 'America/New_York' }))
    const friday = new Date('2026-11-20T23:00:00-05:00')
    expect([at(friday, 'team').workday, at(friday).workday]).toEqual([true, false]) // Saturday noon in Shanghai
  })

  it.each([
    ['Europe/Berlin', '2026-03-28', '2026-03-30', ['28T00:00–28T05:00', '28T21:00–29T04:00', '29T20:00–30T00:00']],
    ['Europe/Berlin', '2026-10-24', '2026-10-26', ['24T00:00–24T04:00', '24T20:00–25T05:00', '25T21:00–26T00:00']],
    ['America/New_York', '2026-03-07', '2026-03-09', ['07T03:00–07T11:00', '08T03:00–08T10:00']],
    ['America/New_York', '2026-10-31', '2026-11-02', ['31T02:00–31T10:00', '01T02:00–01T11:00']],
  ])('%s: a night over the change of %s is seven hours or nine', (time_zone, from, to, expected) => {
    expect(worked({ ...everyNight, time_zone }, from, to)).toEqual(expected)
  })

  it.each([
    // 02:00 to 03:00 is skipped at 01:00 UTC, and in New York at 07:00 UTC
    ['Europe/Berlin', '2026-03-29', '01:30', '02:30', ['29T00:30–29T01:00', '29T23:30–30T00:00']],
    ['Europe/Berlin', '2026-03-29', '02:30', '03:30', ['29T01:00–29T01:30']],
    ['Europe/Berlin', '2026-03-29', '02:15', '02:45', []],
    ['America/New_York', '2026-03-08', '02:30', '03:30', ['08T07:00–08T07:30']],
    // and twice there: from when the clock first shows `from`, until it shows `to` for good
    ['Europe/Berlin', '2026-10-25', '02:30', '02:45', ['25T00:30–25T01:45']],
    ['Europe/Berlin', '2026-10-25', '01:30', '02:30', ['25T00:00–25T01:30']],
    ['America/New_York', '2026-11-01', '01:30', '01:45', ['01T05:30–01T06:45']],
    // where the clock is changed at midnight, it shows 23:00 to 24:00 twice, or no midnight
    ['America/Havana', '2026-11-01', '00:30', '00:45', ['01T04:30–01T05:45']],
    ['America/Havana', '2026-03-08', '00:30', '01:30', ['08T05:00–08T05:30']],
    // a date that a zone leaves out is none: the 29th's, then the 31st's
    ['Pacific/Apia', '2011-12-30', '09:00', '17:00', ['30T00:00–30T03:00', '30T19:00–31T00:00']],
  ])('%s, %s: an edge at %s to %s within the change', (time_zone, date, from, to, expected) => {
    const next = new Date(new Date(date).getTime() + 86_400_000).toISOString().slice(0, 10)
    expect(worked({ hours: { from, to }, days: 'every_day', time_zone }, date, next)).toEqual(expected)
  })
})

it('a date begins once, also where the clock shows its midnight twice', () => {
  const at = businessCalendar(open({ time_zone: 'America/Havana' }, { extra_workdays: ['2026-10-31'] }))
  const days = ['03:59', '04:00', '04:59', '05:00'].map(
    (time) => at(new Date(`2026-11-01T${time}:00Z`), 'team').workday,
  )
  expect(days).toEqual([true, false, false, false]) // at 05:00 UTC it is midnight again
})

describe("a team's holidays", () => {
  const hongkong = { time_zone: 'Asia/Hong_Kong', holidays: ['2026-12-25', '2026-10-01'] }
  const workday = (settings: CalendarSettings, date: string, team?: string): boolean =>
    businessCalendar(settings)(new Date(`${date}T10:00:00+08:00`), team).workday

  it('are instead of everybody’s: no make-up days, no days of the house', () => {
    const settings = open(hongkong, { extra_holidays: ['2026-11-20'], extra_workdays: ['2026-11-21'] })
    const both = (date: string) => [workday(settings, date, 'team'), workday(settings, date)]
    expect(both('2026-10-01')).toEqual([false, false])
    expect(both('2026-10-02')).toEqual([true, false])
    expect(both('2026-10-10')).toEqual([false, true]) // a make-up Saturday
    expect(both('2026-12-25')).toEqual([false, true])
    expect(both('2026-11-20')).toEqual([true, false])
    expect(both('2026-11-21')).toEqual([false, true])
  })

  it('are none, or China’s where everybody’s are none', () => {
    expect(workday(open({ holidays: 'none' }), '2026-10-01', 'team')).toBe(true)
    expect(workday(open({ holidays: 'china' }, { holidays: 'none' }), '2026-10-01', 'team')).toBe(false)
    expect(workday(open({}, { extra_holidays: ['2026-11-20'] }), '2026-11-20', 'team')).toBe(false) // everybody's
  })

  it('are named in the version, and run out for themselves', () => {
    const settings = open(hongkong)
    const version = (date: string, team?: string) => businessCalendar(settings)(new Date(date), team).version
    expect(version('2026-11-20', 'team')).toMatch(/^own-[0-9a-f]{12}$/)
    expect(version('2026-11-20')).toMatch(/^china-/)
    expect(version('2027-11-20', 'team')).toContain(YEAR_UNKNOWN)
    const warned = (instant: string, over: object = {}) =>
      calendarWarnings(open(hongkong, over), new Date(instant)).map(({ team, year, late }) => [team, year, late])
    expect(warned('2026-10-01T00:00:00Z')).toEqual([])
    expect(warned('2026-11-02T00:00:00Z')).toEqual([
      [undefined, 2027, false],
      ['team', 2027, false],
    ])
    expect(warned('2027-01-02T00:00:00Z', { holidays: 'none' })).toEqual([['team', 2027, true]])
    const [own] = calendarWarnings(open(hongkong, { holidays: 'none' }), new Date('2026-12-01T00:00:00Z'))
    expect([own?.en, own?.zh]).toEqual([
      'the public holidays of 2027 for team team are not known yet',
      '尚未知团队 team 2027 年的法定节假日',
    ])
  })
})

it('it is told of each team whether it works now, and when that changes', () => {
  const settings = open({ hours: [night], time_zone: 'Europe/Berlin', holidays: ['2026-12-25'] })
  const told = (now: string) =>
    workingHours(settings, new Date(now)).map(({ working, changes_at }) => [working, changes_at])
  expect(workingHours(settings, new Date('2026-09-30T21:00:00Z'))).toEqual([
    {
      ...{ time_zone: 'Asia/Shanghai', hours: [{ from: '08:30', to: '18:30' }], days: 'workdays', holidays: 'china' },
      ...{ working: false, changes_at: '2026-10-08T00:30:00.000Z' }, // after National Day
    },
    {
      ...{ team: 'team', time_zone: 'Europe/Berlin', hours: [night], days: 'workdays', holidays: 'own' },
      ...{ working: true, changes_at: '2026-10-01T04:00:00.000Z' },
    },
  ])
  expect(told('2026-11-20T21:00:00Z')[1]).toEqual([true, '2026-11-21T05:00:00.000Z'])
  expect(told('2026-11-21T05:00:00Z')[1]).toEqual([false, '2026-11-23T21:00:00.000Z'])
  const always = open({ hours: { from: '00:00', to: '24:00' }, days: 'every_day' })
  expect(workingHours(always, new Date('2026-11-20T00:00:00Z'))[1]).not.toHaveProperty('changes_at')
})
