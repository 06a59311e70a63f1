import { Habit, type AccessEvent, type Risk } from '@custodia/contracts'
import type { Baselines } from './freeze.js'
import { amountOf, dayIndex, dayMs, habitOf, hourIndex } from './habits.js'
import { compare, type Compared } from './compare.js'
import { decayed, pointsOf } from './risk.js'

/** What an event is told to rules beside its own fields, and to people with the alert. */
export interface Seen extends Compared {
  risk: Risk
}

interface Person {
  hour: number
  hours: number[]
  day: number
  days: number[]
  risk: Risk
  at: number
}

export type LiveRecord = [actor: string, person: Person][]

const habits = Habit.options
const nothing = (): number[] => habits.map(() => 0)

/** How long somebody silent is remembered: their risk has decayed to less than a hundredth by then. */
const REMEMBER_MS = 7 * dayMs

/** What the people of one partition did in this hour and on this day, and their risk. Bounded by who was there in a week. */
export class LiveCounts {
  private readonly people = new Map<string, Person>()

  /** the event as it would stand if it were served; nothing is counted */
  look(event: AccessEvent, at: number, baselines: Baselines | undefined): Seen | undefined {
    const habit = habitOf(event)
    if (!habit || !event.actor || !baselines) return undefined
    const person = this.at(event.actor, at, baselines.offsetMinutes)
    const index = habits.indexOf(habit)
    const amount = amountOf(habit, event)
    const counts = {
      hour: (person.hours[index] as number) + amount,
      day: (person.days[index] as number) + amount,
    }
    const compared = compare(event, habit, counts, person.hour, baselines)
    return { ...compared, risk: pointsOf(event, compared).reduce(added, decayed(person.risk, at - person.at)) }
  }

  /** the event was served */
  count(event: AccessEvent, at: number, seen: Seen, offsetMinutes: number): void {
    const person = this.at(event.actor as string, at, offsetMinutes)
    const index = habits.indexOf(seen.habit)
    const amount = amountOf(seen.habit, event)
    person.hours[index] = (person.hours[index] as number) + amount
    person.days[index] = (person.days[index] as number) + amount
    person.risk = seen.risk
    person.at = at
  }

  /** what somebody did so far on this day, and their risk at this moment */
  of(actor: string, now: number, offsetMinutes: number): { day: Partial<Record<Habit, number>>; risk: Risk } {
    const { days, risk, at } = this.at(actor, now, offsetMinutes)
    const left = decayed(risk, now - at)
    return {
      day: Object.fromEntries(habits.map((habit, index) => [habit, days[index] as number])),
      risk: {
        score: round(left.score),
        parts: Object.fromEntries(Object.entries(left.parts).map(([reason, points]) => [reason, round(points)])),
      },
    }
  }

  sweep(now: number): void {
    for (const [actor, { at }] of this.people) if (now - at > REMEMBER_MS) this.people.delete(actor)
  }

  snapshot(): LiveRecord {
    return [...this.people]
  }

  restore(record: LiveRecord): void {
    for (const [actor, person] of record) this.people.set(actor, person)
  }

  private at(actor: string, time: number, offsetMinutes: number): Person {
    const hour = hourIndex(time, offsetMinutes)
    const day = dayIndex(hour)
    let person = this.people.get(actor)
    if (!person) {
      person = { hour, hours: nothing(), day, days: nothing(), risk: { score: 0, parts: {} }, at: time }
      this.people.set(actor, person)
    }
    if (person.hour !== hour) Object.assign(person, { hour, hours: nothing() })
    if (person.day !== day) Object.assign(person, { day, days: nothing() })
    return person
  }
}

const added = ({ score, parts }: Risk, [reason, points]: readonly [string, number]): Risk => ({
  score: round(score + points),
  parts: { ...parts, [reason]: round((parts[reason] ?? 0) + points) },
})
const round = (points: number): number => Math.round(points * 100) / 100
