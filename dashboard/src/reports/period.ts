/** A calendar day, e.g. `2026-11-22`. */
export type Day = string
/** Whole days, both included. */
export interface Period {
  first: Day
  last: Day
}
export const presets = ['today', 'yesterday', 'this_week', 'last_week', 'this_month', 'last_month'] as const
export type Preset = (typeof presets)[number]

const HOUR = 3_600_000
const DAY = 24 * HOUR
const atUtc = (day: Day): number => Date.parse(`${day}T00:00:00Z`)
const asDay = (utc: number): Day => new Date(utc).toISOString().slice(0, 10)

export const plusDays = (day: Day, days: number): Day => asDay(atUtc(day) + days * DAY)

const made = new Map<string, Intl.DateTimeFormat>()
const calendar = (zone: string): Intl.DateTimeFormat => {
  const options = { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' } as const
  const found = made.get(zone) ?? new Intl.DateTimeFormat('en-CA', options)
  made.set(zone, found)
  return found
}

/** The calendar day of an instant in a time zone. */
export const dayOf = (time: number, zone: string): Day => calendar(zone).format(time)

/** The first instant of a day in a time zone; where the clocks skip midnight, the first one after it. */
export const startOf = (day: Day, zone: string): number => {
  let before = atUtc(day) - 16 * HOUR
  let from = atUtc(day) + 16 * HOUR
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2)
    if (dayOf(middle, zone) < day) before = middle
    else from = middle
  }
  return from
}

/** The instants of a period: `from` is its first, `to` the first after it. */
export const boundsOf = ({ first, last }: Period, zone: string): { from: string; to: string } => ({
  from: new Date(startOf(first, zone)).toISOString(),
  to: new Date(startOf(plusDays(last, 1), zone)).toISOString(),
})

/** The days that an interval of instants touches. */
export const periodOf = (from: string, to: string, zone: string): Period => ({
  first: dayOf(Date.parse(from), zone),
  last: dayOf(Math.max(Date.parse(from), Date.parse(to) - 1), zone),
})

/** Every day of a period, oldest first. */
export const daysOf = ({ first, last }: Period): Day[] => {
  const count = Math.round((atUtc(last) - atUtc(first)) / DAY) + 1
  return Array.from({ length: Math.max(0, count) }, (_, index) => plusDays(first, index))
}

const monday = (day: Day): Day => plusDays(day, -((new Date(atUtc(day)).getUTCDay() + 6) % 7))
const firstOfMonth = (day: Day): Day => `${day.slice(0, 7)}-01`

/** Presets count from today in that zone. Weeks begin on Monday; “this” ones end today. */
export const presetPeriod = (preset: Preset, zone: string, now: number): Period => {
  const today = dayOf(now, zone)
  const yesterday = plusDays(today, -1)
  const lastMonthEnd = plusDays(firstOfMonth(today), -1)
  return {
    today: { first: today, last: today },
    yesterday: { first: yesterday, last: yesterday },
    this_week: { first: monday(today), last: today },
    last_week: { first: plusDays(monday(today), -7), last: plusDays(monday(today), -1) },
    this_month: { first: firstOfMonth(today), last: today },
    last_month: { first: firstOfMonth(lastMonthEnd), last: lastMonthEnd },
  }[preset]
}
