import { DateTime } from 'luxon'

export type Every = 'week' | 'month'

/** The first boundary (Monday or the 1st, midnight in that zone) after an instant. */
export function nextBoundary(every: Every, timeZone: string, after: Date): Date {
  return DateTime.fromJSDate(after, { zone: timeZone })
    .startOf(every)
    .plus({ [every]: 1 })
    .toJSDate()
}

/** The whole week or month that ends at a boundary. Calendar days, so that a change of the clocks does not shift it. */
export function periodBefore(every: Every, timeZone: string, boundary: Date): { from: Date; to: Date } {
  return {
    from: DateTime.fromJSDate(boundary, { zone: timeZone })
      .minus({ [every]: 1 })
      .toJSDate(),
    to: boundary,
  }
}

export const isTimeZone = (name: string): boolean => DateTime.local({ zone: name }).isValid
