import { expect, it } from '@jest/globals'
import { type Random, randomFrom } from '../demo/random.js'
import { businessCalendar } from './calendar.js'
import { CalendarSettings, type Span } from './calendar-settings.js'

const minuteMs = 60_000
const dayMs = 86_400_000
const isoOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
const dayAfter = (date: string): string => isoOf(Date.parse(date) + dayMs)

const steady = ['Asia/Shanghai', 'Asia/Urumqi', 'Asia/Hong_Kong', 'Asia/Kolkata', 'Pacific/Kiritimati']
/** and days on which the others change their clocks; some have midnights that are shown twice or not at all */
const changes: [zone: string, date: string][] = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['America/Havana', '2026-03-08'],
  ['America/Havana', '2026-11-01'],
  ['Africa/Cairo', '2026-04-24'],
  ['America/Santiago', '2026-09-06'],
]

interface Case {
  settings: ReturnType<typeof CalendarSettings.parse>
  begins: number
}

/** A calendar of a house and of a team, and a week; dates are of 2026, whose arrangement is made up. */
function randomCase(random: Random): Case {
  const chance = (share: number): boolean => random.next() < share
  const [zone, change] = chance(0.8)
    ? random.pick(changes)
    : [random.pick(steady), isoOf(Date.parse('2026-01-15') + random.between(0, 330) * dayMs)]
  const begins = Date.parse(change) - random.between(0, 6) * dayMs
  const dates = Array.from({ length: 14 }, (_, n) => isoOf(begins + (n - 3) * dayMs)).filter((d) =>
    d.startsWith('2026'),
  )
  const some = (share: number): string[] => dates.filter(() => chance(share))
  const isRest = (date: string): boolean => [0, 6].includes(new Date(date).getUTCDay())
  const time = (): string => {
    const minute = chance(0.6) ? random.between(0, 180) : random.between(0, 1439) // clocks are changed at night
    return new Date(minute * minuteMs).toISOString().slice(11, 16)
  }
  const span = (): Span => {
    const from = time()
    const to = chance(0.1) ? '24:00' : time()
    return from === to ? { from: '00:00', to: '24:00' } : { from, to }
  }
  const hours = () => (chance(0.5) ? span() : Array.from({ length: random.between(1, 3) }, span))
  const holidays = some(0.2)
  const own = [undefined, 'china', 'none', ['2026-01-01', ...some(0.3)]][random.between(0, 3)]
  const settings = CalendarSettings.parse({
    time_zone: random.pick([zone, 'Asia/Shanghai', 'America/New_York']),
    hours: hours(),
    holidays: random.pick(['china', 'none']),
    public_holidays: {
      2026: {
        holidays: ['2026-01-01', ...holidays],
        workdays: some(0.5).filter((d) => isRest(d) && !holidays.includes(d)),
      },
    },
    extra_holidays: some(0.1),
    extra_workdays: some(0.1),
    shifts: {
      team: {
        ...(chance(0.8) && { hours: hours() }),
        ...(chance(0.9) && { time_zone: zone }),
        ...(own && { holidays: own }),
        days: random.pick(['workdays', 'every_day']),
      },
    },
  })
  return { settings, begins }
}

/** What docs/calendar.md says, minute by minute: what the clock shows is asked of the platform and compared as text. */
function naive({ settings, begins }: Case, team: 'team' | undefined): string[] {
  const shift = team ? settings.shifts[team] : undefined
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: shift?.time_zone ?? settings.time_zone, dateStyle: 'short', timeStyle: 'short' },
  })
  const shown = Array.from({ length: 11 * 1440 }, (_, n) => format.format(begins - 2 * dayMs + n * minuteMs))
  const latest: string[] = []
  for (const [n, now] of shown.entries()) latest.push(n && latest[n - 1]! > now ? latest[n - 1]! : now)
  const earliest: string[] = []
  for (let n = shown.length - 1; n >= 0; n--)
    earliest[n] = n < shown.length - 1 && earliest[n + 1]! < shown[n]! ? earliest[n + 1]! : shown[n]!

  const workday = (date: string): boolean => {
    const weekday = ![0, 6].includes(new Date(date).getUTCDay())
    const own = shift?.holidays
    if (own === 'none') return weekday
    if (Array.isArray(own)) return weekday && !own.includes(date)
    if (!own && settings.extra_holidays.includes(date)) return false
    if (!own && settings.extra_workdays.includes(date)) return true
    const { holidays, workdays } = settings.public_holidays[2026]!
    return workdays.includes(date) || (weekday && !holidays.includes(date))
  }
  const dates = Array.from({ length: 14 }, (_, n) => isoOf(begins + (n - 4) * dayMs))
  const spans = dates
    .filter((date) => shift?.days === 'every_day' || workday(date))
    .flatMap((date) =>
      [shift?.hours ?? settings.hours].flat().map(({ from, to }) => {
        if (to === '24:00') return [`${date} ${from}`, `${dayAfter(date)} 00:00`] as const
        return [`${date} ${from}`, `${to > from ? date : dayAfter(date)} ${to}`] as const
      }),
    )
  return Array.from({ length: 7 * 1440 }, (_, minute) => {
    const n = minute + 2 * 1440
    const working = spans.some(([from, to]) => latest[n]! >= from && earliest[n]! < to)
    return `${working ? 'working' : 'off'}, ${workday(latest[n]!.slice(0, 10)) ? 'workday' : 'day off'}`
  })
}

it('a week of any calendar is, minute by minute, what a naive reading of the clock says', () => {
  for (let seed = 1; seed <= 24; seed++) {
    const random = randomFrom(seed)
    const made = randomCase(random)
    const at = businessCalendar(made.settings)
    for (const team of ['team', undefined] as const) {
      const wrong = naive(made, team).flatMap((expected, minute) => {
        const instant = new Date(made.begins + minute * minuteMs + random.between(0, minuteMs - 1))
        const { off_hours, workday } = at(instant, team)
        const got = `${off_hours ? 'off' : 'working'}, ${workday ? 'workday' : 'day off'}`
        return got === expected ? [] : [`seed ${seed}, ${team}, ${instant.toISOString()}: ${got}, not ${expected}`]
      })
      expect(wrong.slice(0, 3)).toEqual([])
    }
  }
})
