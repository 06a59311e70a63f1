import type { Usual } from '@custodia/contracts'

/** of `zeros` noughts and these values, none negative */
const medianWithZeros = (values: readonly number[], zeros: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (rank: number): number => (rank < zeros ? 0 : (sorted[rank - zeros] as number))
  const all = sorted.length + zeros
  if (all === 0) return 0
  return (at((all - 1) >> 1) + at(all >> 1)) / 2
}

/** Median and median distance from it: half of the days may be odd, and neither moves. */
export const usualOf = (values: readonly number[], zeros = 0): Usual => {
  const median = medianWithZeros(values, zeros)
  const distances = [
    ...values.map((value) => Math.abs(value - median)),
    ...Array<number>(median ? zeros : 0).fill(median),
  ]
  return [median, medianWithZeros(distances, median ? 0 : zeros)]
}

/** A distance of the median is this much of a standard deviation, where things are spread normally. */
const SIGMAS = 1.4826

/**
 * What counts as one step away from the usual. Counts of chance spread by the root of their mean: below that, and below one,
 * a step would be the luck of few weeks.
 */
export const spreadOf = ([median, distance]: Usual, least = 1): number =>
  Math.max(SIGMAS * distance, Math.sqrt(median), least)
