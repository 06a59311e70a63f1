import type { AccessEvent, GroupProfile, Habit, PersonProfile, UsualFact } from '@custodia/contracts'
import type { Baselines } from './freeze.js'
import { groupOf, hourOfWeek, LEAST } from './habits.js'
import { spreadOf } from './robust.js'

/** Beside what is usual; what is not known is absent. */
interface Beside {
  count: number
  usual: number
  spread: number
  z: number
}

export interface Compared {
  habit: Habit
  /** what rules read, below `baseline` */
  baseline: {
    habit: Habit
    /** days that the person is known for, of the 28 before */
    days: number
    self: { hour?: Beside; day?: Beside }
    peers: { people: number; hour?: Beside; day?: Beside }
    /** how rare the habit is among the peers, in bits: each halves how often */
    rarity?: number
    first: string[]
  }
  /** the same for people, what is not known included */
  facts: () => UsualFact[]
}

interface Counts {
  hour: number
  day: number
}

/** An event beside what its person, and the people of the same role and team, are used to. */
export const compare = (
  event: AccessEvent,
  habit: Habit,
  counts: Counts,
  hour: number,
  { people, groups }: Baselines,
): Compared => {
  const self = people.get(event.actor ?? '')
  const peers = groups.get(groupOf(event))
  const slot = hourOfWeek(hour)
  const own = {
    hour: beside(habit, counts.hour, hourUsual(self, habit, slot), (self?.weeks ?? 0) >= LEAST.weeks),
    day: beside(habit, counts.day, dayUsual(self, habit), (self?.days ?? 0) >= LEAST.days),
  }
  const many = (peers?.people ?? 0) >= LEAST.people
  const theirs = {
    hour: beside(
      habit,
      counts.hour,
      hourUsual(peers, habit, slot),
      many && (peers?.weeks ?? 0) >= LEAST.weeks * LEAST.people,
    ),
    day: beside(habit, counts.day, dayUsual(peers, habit), many && (peers?.days ?? 0) >= LEAST.days * LEAST.people),
  }
  const rarity = many && peers ? rarityOf(peers, habit) : undefined
  const fact = (of: 'self' | 'peers', over: 'hour' | 'day'): UsualFact => {
    const from = of === 'self' ? self : peers
    const known = (over === 'hour' ? from?.weeks : from?.days) ?? 0
    const found = (of === 'self' ? own : theirs)[over]
    return {
      habit, over, of, value: counts[over], known,
      ...(of === 'peers' && { people: peers?.people ?? 0 }),
      ...(found && { usual: found.usual, spread: found.spread, z: found.z }),
    } // prettier-ignore
  }
  return {
    habit,
    baseline: {
      habit,
      days: self?.days ?? 0,
      self: own,
      peers: { people: peers?.people ?? 0, ...theirs },
      ...(rarity !== undefined && { rarity }),
      first: firstSeen(event, self),
    },
    facts: () => [fact('self', 'hour'), fact('self', 'day'), fact('peers', 'hour'), fact('peers', 'day')],
  }
}

/** What a profile says is usual on a day; undefined where it does not know enough to say. */
export const usualInProfile = (
  profile: Either,
  habit: Habit,
  of: 'self' | 'peers',
): { usual: number; spread: number } | undefined => {
  const many = of === 'self' ? 1 : LEAST.people
  const people = profile && 'people' in profile ? profile.people : 1
  const known = people >= many && (profile?.days ?? 0) >= LEAST.days * many
  const found = beside(habit, 0, dayUsual(profile, habit), known)
  return found && { usual: found.usual, spread: found.spread }
}

type Either = PersonProfile | GroupProfile | undefined
const dayUsual = (profile: Either, habit: Habit): [number, number] => profile?.day[habit] ?? [0, 0]
const hourUsual = (profile: Either, habit: Habit, slot: number): [number, number] => {
  const found = profile?.hours[habit]?.find(([at]) => at === slot)
  return found ? [found[1], found[2]] : [0, 0]
}

/** Rows leave by the hundred or not at all: the least step of their count is two hundred, of all else one. */
const leastSpread = (habit: Habit): number => (habit === 'exports' ? 200 : 1)

const beside = (habit: Habit, count: number, usual: [number, number], known: boolean): Beside | undefined => {
  if (!known) return undefined
  const spread = hundredths(spreadOf(usual, leastSpread(habit)))
  return { count, usual: usual[0], spread, z: hundredths((count - usual[0]) / spread) }
}
const hundredths = (value: number): number => Math.round(value * 100) / 100

const rarityOf = ({ total }: GroupProfile, habit: Habit): number => {
  const all = Object.values(total).reduce((sum, n) => sum + n, 0)
  return hundredths(-Math.log2(((total[habit] ?? 0) + 1) / (all + 1)))
}

/** Only where the person is known well enough for "never" to mean something. */
const firstSeen = ({ country, new_device, segment }: AccessEvent, self: PersonProfile | undefined): string[] => {
  const known = self !== undefined && self.days >= LEAST.days
  return [
    ...(known && country !== undefined && self.countries.length > 0 && !self.countries.includes(country)
      ? ['country']
      : []),
    ...(new_device ? ['device'] : []),
    ...(segment !== undefined && self?.segments && !self.segments.includes(segment) ? ['segment'] : []),
  ]
}
