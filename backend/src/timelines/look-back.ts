/** A stretch of time, in milliseconds: from `since` on, before `until`. */
export interface Stretch {
  since: number
  until: number
}

export const hourMs = 3_600_000
const mostGrowth = 6
/** A step that took longer is not followed by a longer one. */
const stepMs = 400
/** What was found lies unevenly. */
const allowance = 1.5

/** How the last step went. */
export interface Step {
  /** of the stretch, in milliseconds */
  length: number
  tookMs: number
  /** of all stretches so far */
  covered: number
  /** 0…1 of what was wanted */
  found: number
}

/**
 * How long the next stretch is: up to six times the one before, less where looking is slow, and no longer than what is missing
 * should need. So whoever did something lately is found at once, what happened once long ago in a few steps, and no step takes
 * long, however large the table is.
 */
export function nextLength({ length, tookMs, covered, found }: Step): number {
  const bySpeed = length * Math.min(mostGrowth, Math.max(0.5, stepMs / Math.max(1, tookMs)))
  const byNeed = found > 0 ? covered * (1 / found - 1) * allowance : Infinity
  return Math.max(hourMs, Math.min(bySpeed, byNeed))
}

/** The stretch before `upper` of the given length, no further than `since`. Clocks differ: what lies ahead of now is in the first. */
export const stretchBefore = (
  upper: number,
  length: number,
  { since, now }: { since: number; now: number },
): Stretch => ({
  since: Math.max(since, Math.min(upper, now) - length),
  until: upper,
})
