import type { AccessEvent, Alert } from '@custodia/contracts'
import type { compileRules } from '@custodia/streams/detection'
import { InMemoryRun, type TimedEvent } from '@custodia/streams/detection/cases'
import { Runs } from '../capture/runs.js'
import { randomFrom, type Random } from '../demo/random.js'
import { company, teams, type Person } from './company.js'
import { Gateway } from './hand.js'
import { Habits } from './habits.js'
import { honestDay, worksOn } from './honest-day.js'
import { insiderOf, isBusy, kinds, type Insider } from './insiders.js'
import { dayMs, dayOf, monthBegins } from './month.js'

export interface Plan {
  seed: number
  /** the first day, counted from the beginning of the month, and how many */
  from: number
  days: number
  /** of each kind; 0: an honest month */
  insiders: number
  rules: ReturnType<typeof compileRules>['rules']
}

export interface Played {
  days: { index: number; events: number; alerts: Alert[] }[]
  insiders: Insider[]
  /** ids of accesses that were not served after all: over a limit, or of a frozen account */
  stopped: Set<string>
}

/** so long they have been at work before the first day: what is usual is known, but for those who join */
const weeksBefore = 4
const opens = new Set<string>(['view', 'reveal', 'photo_view', 'photo_download'])
const dayIndexOf = (at: number): number => Math.floor((at - monthBegins) / dayMs)

/** A month of 200 people through the engine itself, both stages, with freezes taking effect at once. */
export function play({ seed, from, days, insiders: ofEach, rules }: Plan): Played {
  const people = company(seed)
  const random = randomFrom(seed)
  const gateway = new Gateway()
  const insiders = cast(people, { from, days, ofEach }, randomFrom(seed + 1), gateway)
  const acts = Map.groupBy(
    insiders.flatMap((insider) => insider.acts),
    ({ at }) => dayIndexOf(at),
  )
  const stage = new Stage(rules)
  for (let index = from - weeksBefore * 7; index < from; index++)
    for (const person of people)
      for (const { at, event } of honestDay(person, dayOf(index), random, gateway)) stage.habits.add(at, event)
  const played: Played = { days: [], insiders, stopped: stage.stopped }
  for (let index = from; index < from + days; index++) {
    const day = dayOf(index)
    const events: TimedEvent[] = people.flatMap((person) => {
      const insider = insiders.find((one) => one.person === person)
      return honestDay(person, day, random, gateway).filter(({ at }) => !insider || !isBusy(insider, at))
    })
    const all = [...events, ...(acts.get(index) ?? [])].sort((a, b) => a.at - b.at)
    stage.begin(day.starts)
    played.days.push({ index, events: all.length, alerts: all.flatMap((event) => stage.act(event)) })
  }
  played.days.at(-1)?.alerts.push(...stage.end(monthBegins + (from + days) * dayMs))
  return played
}

/** The engine, and what follows at once from what it says. */
class Stage {
  readonly stopped = new Set<string>()
  readonly habits = new Habits()
  private readonly run: InMemoryRun
  private readonly runs = new Runs()
  private readonly frozenUntil = new Map<string, number>()

  constructor(rules: Plan['rules']) {
    this.run = new InMemoryRun(rules)
  }

  begin(dayStarts: number): void {
    this.run.freeze(this.habits.before(dayStarts))
  }

  act({ at, event }: TimedEvent): Alert[] {
    const before = this.run.settle(at)
    const seen = this.seen(at, event)
    const { alerts, verdicts } = this.run.step({ at, event: seen })
    if (verdicts.every(({ verdict }) => verdict === 'allowed')) this.habits.add(at, seen)
    if (verdicts.some(({ verdict }) => verdict === 'refused')) this.stopped.add(event.id)
    for (const { actor, mode, may_freeze, respond } of alerts)
      for (const response of respond)
        if (response.do === 'freeze' && mode === 'live' && may_freeze && actor)
          this.frozenUntil.set(actor, at + (response.for_seconds ?? 0) * 1000)
    return [...before.alerts, ...alerts]
  }

  end(at: number): Alert[] {
    return this.run.settle(at).alerts
  }

  /** what the gateway would have written of it: a frozen account is refused; trails are those of what was served */
  private seen(at: number, event: AccessEvent): AccessEvent {
    if (at < (this.frozenUntil.get(event.actor ?? '') ?? 0)) {
      this.stopped.add(event.id)
      return { ...event, outcome: 'refused', reason: 'account_frozen' }
    }
    const { action, customer_id, session } = event
    if (!customer_id || !session || !opens.has(action)) return event
    return { ...event, run: this.runs.open(session, customer_id) }
  }
}

/** People who serve customers and have been there for a while; one act each, spread over the working days. */
function cast(
  people: readonly Person[],
  plan: { from: number; days: number; ofEach: number },
  random: Random,
  gateway: Gateway,
): Insider[] {
  const days = Array.from({ length: plan.days }, (_, n) => dayOf(plan.from + n)).filter(({ workday }) => workday)
  const early = days.slice(0, Math.max(1, days.length - 5)) // the slow ones need some days
  const able = people.filter(
    (person) =>
      teams[person.team]!.customersAnHour > 0 &&
      person.joins === -Infinity &&
      early.some((day) => worksOn(person, day)),
  )
  return kinds.flatMap((kind) =>
    Array.from({ length: plan.ofEach }, () => {
      const [person] = able.splice(random.between(0, able.length - 1), 1)
      if (!person) throw new Error('too few people for so many insiders')
      const theirs = early.filter((day) => worksOn(person, day)) // beside an honest day, as each kind says
      return insiderOf(kind, person, random.pick(theirs), random, gateway)
    }),
  )
}
