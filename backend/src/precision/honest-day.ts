import type { TimedEvent } from '@custodia/streams/detection/cases'
import type { Random } from '../demo/random.js'
import { newBranch, teams, type Person } from './company.js'
import { customerOf, customersOfABranch } from './customers.js'
import type { Did, Gateway } from './hand.js'
import { hourMs, type Day } from './month.js'
import { relationTo } from './relatives.js'
import { signIn } from './sign-in.js'

const purposes = ['identity_check', 'service_request', 'complaint']
const minute = 60_000

/** One honest person's day, mistakes and accidents included; empty where the person is not at work. */
export function honestDay(person: Person, day: Day, random: Random, gateway: Gateway): TimedEvent[] {
  if (day.index < person.joins) return []
  const hours = hoursOf(person, day, random)
  if (!hours) return []
  const chance = (probability: number): boolean => random.next() < probability
  const events: TimedEvent[] = []
  const todays = { ...person }
  if (chance(0.007)) todays.device = `${person.device}-${day.index}` // another computer, or cookies cleared
  const travels = person.team === 'sales' && chance(0.02)
  const did: Did = (at, over) => events.push(gateway.event(todays, at, over))
  const begins = day.starts + hours[0] * hourMs
  const ends = day.starts + hours[1] * hourMs
  const isNew = day.index === person.joins || todays.device !== person.device
  signIn({ did, random, at: begins, isNew, afterRest: day.afterRest, idleDays: day.afterRest ? 3 : 1 })
  const lunch = begins + (3 + random.next()) * hourMs
  let at = begins + 2 * minute
  let lunched = false
  while (at < ends) {
    if (!lunched && at > lunch) {
      lunched = true
      at += 45 * minute
      if (travels) Object.assign(todays, { ip: '203.85.12.7', country: 'HK' })
      if (travels) at += 2 * hourMs
      if (travels || chance(0.5)) signIn({ did, random, at, isNew: false, afterRest: false, idleDays: 0 })
    }
    at += serve(person, day, at, random, did)
  }
  did(ends, { action: 'sign_out' })
  return events
}

const onRota = (team: string): boolean => team.startsWith('calls')
/** Five days at work and two at rest, each person from another day on. */
const hasShift = (number: number, day: Day): boolean => (day.index + number + 700) % 7 < 5

/** A day on which this person is expected at work, whatever else they do on others. */
export const worksOn = ({ team, number }: Person, day: Day): boolean =>
  onRota(team) ? hasShift(number, day) : day.workday

/** Local hours of the day, or none: rotas, holidays, overtime at the month's end, and who stays late or comes on a Saturday. */
function hoursOf({ team, number }: Person, day: Day, random: Random): [number, number] | undefined {
  const { from, to } = teams[team]!
  const late = random.next()
  const jitter = random.next() / 3
  if (onRota(team)) return hasShift(number, day) ? [from + jitter / 4, to] : undefined
  if (!day.workday) return late < 0.015 ? [10 + jitter, 12] : undefined
  const begins = from + jitter / 2 - (late > 0.95 ? 0.5 : 0)
  if (team === 'finance' && day.monthEnd) return [begins, 20.5 + jitter]
  return [begins, late < 0.06 ? to + 0.5 + random.next() : to + jitter]
}

/** One customer, or one other piece of work; resolves with how long it took. */
function serve(person: Person, day: Day, at: number, random: Random, did: Did): number {
  const chance = (probability: number): boolean => random.next() < probability
  const { customersAnHour, photos, reveals, downloads } = teams[person.team]!
  if (!customersAnHour) return oversee(person, at, random, did)
  const pace = customersAnHour * (person.team === 'finance' && day.monthEnd ? 2 : 1)
  const takes = (hourMs / pace) * (0.3 + 1.4 * random.next())
  if (person.team === 'sales' && chance(0.004)) {
    // from the office's network to a telephone's: one or two requests are refused until a factor is shown again
    for (let n = random.between(1, 2); n > 0; n--)
      did(at + n * 400, {
        action: 'search',
        outcome: 'refused',
        reason: 'step_up_required',
        moved: ['network'],
      })
    signIn({ did, random, at: at + 30_000, isNew: false, afterRest: false, idleDays: 0 })
  }
  if (chance(0.006)) return workThroughAList(person, at, random, did) // in order of creation
  const mine = { customer_id: customerOf(person.branch, random.between(1, customersOfABranch)) }
  const purpose = random.pick(purposes)
  let t = at
  const then = (over: Parameters<Did>[1]): void => did((t += 4_000 + random.between(0, 12_000)), { ...mine, ...over })
  for (let n = chance(0.3) ? 2 : 1; n > 0; n--) {
    t += 5_000
    did(t, { action: 'search', count: random.between(1, 20) })
  }
  if (chance(0.002)) return (then({ action: 'view', outcome: 'failed', reason: 'not_found' }), takes)
  if (chance(0.004)) return (then({ action: 'view', outcome: 'refused', reason: 'not_allowed' }), takes)
  then({ action: 'view' })
  // four of five hand somebody close over to a colleague, as house rules have it
  const { relation } = relationTo(person, mine.customer_id)
  if (relation && relation !== 'colleague' && chance(0.8)) return takes
  if (chance(person.branch === newBranch.name ? 0.15 : 0.03))
    then({ action: 'photo_view', outcome: 'refused', reason: 'consent_missing', purpose })
  else if (chance(photos)) then({ action: 'photo_view', purpose })
  if (chance(reveals)) then({ action: 'reveal', purpose, fields: [chance(0.5) ? 'phone' : 'id_number'] })
  if (chance(0.01)) then({ action: 'photo_view', purpose: random.pick(purposes) })
  if (chance(downloads)) then({ action: 'photo_download', purpose })
  if (chance(0.1)) then({ action: 'update', fields: ['address'] })
  if (chance(exportsOf(person, day)))
    did(t + 60_000, { action: 'export', count: random.between(40, person.team === 'finance' ? 600 : 200), purpose })
  return takes
}

const exportsOf = ({ team }: Person, day: Day): number =>
  team === 'finance' ? (day.monthEnd ? 0.02 : 0.004) : team === 'sales' || team === 'branch' ? 0.004 : 0

/** A page of a list from top to bottom, e.g. what was made today. */
function workThroughAList({ branch }: Person, at: number, random: Random, did: Did): number {
  const first = random.between(1, customersOfABranch - 20)
  const many = random.between(5, 20)
  for (let n = 0; n < many; n++)
    did(at + n * 40_000 + random.between(0, 9_000), { action: 'view', customer_id: customerOf(branch, first + n) })
  return (many + 1) * 40_000
}

/** Those who look after people, rules and reports. */
function oversee(person: Person, at: number, random: Random, did: Did): number {
  const kind = random.next()
  if (person.role === 'admin' && kind < 0.08)
    did(at, {
      action: 'role_change',
      subject: `p-${random.between(0, 180)}`,
      fields: [random.pick(['team', 'branch'])],
    })
  else did(at, { action: kind < 0.3 ? 'report' : 'list', count: random.between(1, 100) })
  return random.between(5, 25) * minute
}
