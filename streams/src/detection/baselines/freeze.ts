import type { GroupProfile, Habit, PersonProfile, Usual } from '@custodia/contracts'
import { dayIndex, hourOfWeek, LEAST, WEEKS } from './habits.js'
import { usualOf } from './robust.js'

/** What one person did in one hour. */
export interface HourCount {
  actor: string
  group: string
  /** local hours since the epoch, see hourIndex */
  hour: number
  counts: Partial<Record<Habit, number>>
  countries: readonly string[]
  /** business types of the customers whom it was about */
  segments?: readonly string[]
}

export interface Baselines {
  offsetMinutes: number
  people: ReadonlyMap<string, PersonProfile>
  groups: ReadonlyMap<string, GroupProfile>
}

type Cell = Map<Habit, number>

/** One person's four weeks before a day. */
class Weeks {
  readonly days = new Map<number, Cell>()
  readonly hours = new Map<number, Cell>()
  readonly weeks = new Set<number>()
  readonly countries = new Set<string>()
  readonly segments = new Set<string>()
  /** days of which segments are known at all: events did not always carry them */
  readonly segmentDays = new Set<number>()
  group = ''

  constructor(private readonly day: number) {}

  add({ hour, counts, countries, segments = [], group }: HourCount): void {
    const day = dayIndex(hour)
    const week = Math.floor((this.day - 1 - day) / 7)
    if (week < 0 || week >= WEEKS) return
    this.weeks.add(week)
    this.group = group
    for (const country of countries) this.countries.add(country)
    for (const segment of segments) this.segments.add(segment)
    if (segments.length) this.segmentDays.add(day)
    for (const [habit, n] of Object.entries(counts) as [Habit, number][]) {
      add(this.days, day, habit, n)
      add(this.hours, hour, habit, n)
    }
    if (!this.days.has(day)) this.days.set(day, new Map())
  }
}

const add = (cells: Map<number, Cell>, at: number, habit: Habit, n: number): void => {
  let cell = cells.get(at)
  if (!cell) cells.set(at, (cell = new Map()))
  cell.set(habit, (cell.get(habit) ?? 0) + n)
}

/**
 * What everybody is used to on a day, from the four weeks before it: per person and per role and team, per day at work and per
 * hour of the week. An hour of a week without any access of the person is not known; of a week with some it is a zero.
 */
export const freeze = (rows: Iterable<HourCount>, day: number, offsetMinutes: number): Baselines => {
  const people = new Map<string, Weeks>()
  for (const row of rows) {
    let weeks = people.get(row.actor)
    if (!weeks) people.set(row.actor, (weeks = new Weeks(day)))
    weeks.add(row)
  }
  const known = [...people].filter(([, { days }]) => days.size)
  const groups = Map.groupBy(known, ([, { group }]) => group)
  return {
    offsetMinutes,
    people: new Map(
      known.map(([actor, weeks]) => [
        actor,
        {
          ...profileOf([weeks]),
          group: weeks.group,
          countries: [...weeks.countries].sort(),
          ...(weeks.segmentDays.size >= LEAST.days && { segments: [...weeks.segments].sort() }),
        },
      ]),
    ),
    groups: new Map(
      [...groups].map(([group, members]) => {
        const weeks = members.map(([, one]) => one)
        return [group, { ...profileOf(weeks), people: members.length, total: totalOf(weeks) }]
      }),
    ),
  }
}

const profileOf = (members: readonly Weeks[]) => {
  const days = members.flatMap((one) => [...one.days.values()])
  const weeks = members.reduce((sum, one) => sum + one.weeks.size, 0)
  const byDay = valuesOf(days)
  const day: Partial<Record<Habit, Usual>> = {}
  for (const [habit, values] of byDay) day[habit] = usualOf(values, days.length - values.length)
  const slots = new Map<number, Cell[]>()
  for (const { hours } of members)
    for (const [hour, cell] of hours) {
      const slot = hourOfWeek(hour)
      const cells = slots.get(slot)
      if (cells) cells.push(cell)
      else slots.set(slot, [cell])
    }
  const hours: Partial<Record<Habit, [number, number, number][]>> = {}
  for (const [slot, cells] of [...slots].sort(([a], [b]) => a - b))
    for (const [habit, values] of valuesOf(cells)) {
      const [median, distance] = usualOf(values, weeks - values.length)
      if (median > 0 || distance > 0) (hours[habit] ??= []).push([slot, median, distance])
    }
  return { days: days.length, weeks, day, hours }
}

const valuesOf = (cells: readonly Cell[]): Map<Habit, number[]> => {
  const values = new Map<Habit, number[]>()
  for (const cell of cells)
    for (const [habit, n] of cell) {
      const list = values.get(habit)
      if (list) list.push(n)
      else values.set(habit, [n])
    }
  return values
}

const totalOf = (members: readonly Weeks[]): Partial<Record<Habit, number>> => {
  const total: Partial<Record<Habit, number>> = {}
  for (const { days } of members)
    for (const cell of days.values()) for (const [habit, n] of cell) total[habit] = (total[habit] ?? 0) + n
  return total
}
