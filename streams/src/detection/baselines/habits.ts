import type { AccessEvent, FinalOutcome, Habit } from '@custodia/contracts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const HOURS_OF_WEEK = 168
/** so many days are looked back */
export const WEEKS = 4

/** With fewer, nobody can say what is usual: it is not known, and no number is given. */
export const LEAST = { days: 10, weeks: 3, people: 5 } as const

/** The kinds of access that habits are made of; SQL counts the same (count-hours.ts). */
export const habitOf = ({ action, customer_id }: AccessEvent): Habit | undefined => {
  if (action === 'view') return customer_id === undefined ? undefined : 'views'
  if (action === 'search') return 'searches'
  if (action === 'photo_view' || action === 'photo_download') return 'photos'
  if (action === 'reveal') return 'reveals'
  return action === 'export' ? 'exports' : undefined
}

export const amountOf = (habit: Habit, { count }: AccessEvent): number => (habit === 'exports' ? (count ?? 0) : 1)

export const isServed = (outcome: FinalOutcome | AccessEvent['outcome']): boolean =>
  outcome === 'granted' || outcome === 'allowed'

/** Role and team together: whose work is alike. */
export const groupOf = ({ actor_role = '', team = '' }: Pick<AccessEvent, 'actor_role' | 'team'>): string =>
  `${actor_role}/${team}`

/** Days and hours are those of local time; the epoch was a Thursday. */
export const hourIndex = (time: number, offsetMinutes: number): number =>
  Math.floor((time + offsetMinutes * 60_000) / hourMs)
export const dayIndex = (hour: number): number => Math.floor(hour / 24)
export const hourOfWeek = (hour: number): number => (hour + 3 * 24) % HOURS_OF_WEEK
