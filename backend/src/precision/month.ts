import { calendar } from './company.js'

export const dayMs = 86_400_000
export const hourMs = 3_600_000
const zone = '+08:00'

/**
 * The month that is judged: 14 September to 13 October 2026. In it are Mid-Autumn, National Day's week, two make-up working days
 * at a weekend, and the end of a month and of a quarter.
 */
export const monthBegins = Date.parse(`2026-09-14T00:00:00${zone}`)

export interface Day {
  /** since the month began; days before it are negative */
  index: number
  /** local midnight */
  starts: number
  workday: boolean
  /** one of the last three working days of its calendar month */
  monthEnd: boolean
  /** the first working day after days off */
  afterRest: boolean
}

const isWorkday = (starts: number): boolean => calendar(new Date(starts + 12 * hourMs)).workday
const monthOf = (starts: number): number => new Date(starts + 12 * hourMs).getUTCMonth()

export function dayOf(index: number): Day {
  const starts = monthBegins + index * dayMs
  const workday = isWorkday(starts)
  let left = 0
  for (let next = starts + dayMs; monthOf(next) === monthOf(starts); next += dayMs) if (isWorkday(next)) left++
  return { index, starts, workday, monthEnd: workday && left < 3, afterRest: workday && !isWorkday(starts - dayMs) }
}
