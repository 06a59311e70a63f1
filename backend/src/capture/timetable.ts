import type { Span } from './calendar-settings.js'
import { LocalClock } from './local-clock.js'
import type { WorkingDays } from './public-holidays.js'

/** A stretch of time in which nothing changes. */
export interface Stretch {
  /** the first instant that it does not hold any more */
  until: number
  working: boolean
  /** of the date: whether it is one of the working days, and its year */
  workday: boolean
  year: number
}

export interface Timetable {
  time_zone: string
  hours: Span | Span[]
  /** spans begin on days off too */
  everyDay: boolean
  days: WorkingDays
}

const dayMs = 86_400_000

/**
 * The stretches of one UTC day, in order. A span belongs to the date on which it begins: what lies after midnight is worked if that
 * date was, whatever the new one is. It begins when the clock first shows its `from`, and ends when the clock shows its `to` for
 * good.
 */
export function stretchesOf({ time_zone, hours, everyDay, days }: Timetable, utcDay: number): Stretch[] {
  const begins = utcDay * dayMs
  const ends = begins + dayMs
  const clock = new LocalClock(time_zone, begins, ends)
  // no zone is a day away from UTC, and no span lasts longer than a day
  const dates = [-2, -1, 0, 1].map((n) => datedOf(begins + n * dayMs, clock, days))
  const spans = dates
    .filter(({ workday }) => everyDay || workday)
    .flatMap(({ midnight }) => [hours].flat().map((span) => instantsOf(span, midnight, clock)))
  const cuts = [...spans.flat(), ...dates.map(({ turns }) => turns)].filter((cut) => cut > begins && cut < ends)
  const starts = [begins, ...new Set(cuts.sort((a, b) => a - b))]
  return starts.map((start, n) => {
    const { workday, year } = dates.findLast(({ turns }) => turns <= start)!
    const working = spans.some(([from, to]) => start >= from && start < to)
    return { until: starts[n + 1] ?? ends, working, workday, year }
  })
}

/** Whether it is working time, and the first instant of the next month's days at which that changes. */
export function stateAt(timetable: Timetable, instant: number): { working: boolean; changesAt?: number } {
  let utcDay = Math.floor(instant / dayMs)
  let stretches = stretchesOf(timetable, utcDay).filter(({ until }) => until > instant)
  const { working } = stretches[0]!
  let changesAt = instant
  for (const last = utcDay + 31; utcDay < last; stretches = stretchesOf(timetable, ++utcDay))
    for (const stretch of stretches) {
      if (stretch.working !== working) return { working, changesAt }
      changesAt = stretch.until
    }
  return { working }
}

/** A date: its midnight as the clock shows it, and the instant at which it begins. */
function datedOf(midnight: number, clock: LocalClock, days: WorkingDays) {
  const date = new Date(midnight).toISOString().slice(0, 10)
  return { midnight, turns: clock.first(midnight), workday: days.includes(date), year: Number(date.slice(0, 4)) }
}

function instantsOf({ from, to }: Span, midnight: number, clock: LocalClock): [number, number] {
  const overMidnight = to < from
  return [clock.first(midnight + msOf(from)), clock.last(midnight + msOf(to) + (overMidnight ? dayMs : 0))]
}

const msOf = (time: string): number => {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return (hour * 60 + minute) * 60_000
}
