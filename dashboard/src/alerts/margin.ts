import type { Alert } from '@custodia/contracts'

export interface Margin {
  limit: number
  /** how far over the limit the count was */
  over: number
  /** where the limit stands on a bar that ends at the larger of both, 0…1 */
  limitAt: number
  valueAt: number
}

/** What it would have taken not to fire; undefined when the rule counts nothing against a limit. */
export const marginOf = ({ value, limit }: Pick<Alert, 'value' | 'limit'>): Margin | undefined => {
  if (limit === undefined) return undefined
  const whole = Math.max(value, limit, 1)
  return { limit, over: Math.max(0, value - limit), limitAt: limit / whole, valueAt: value / whole }
}

/** Seconds between the first and the last of some moments; undefined for fewer than two. */
export const spanSeconds = (times: readonly string[]): number | undefined => {
  if (times.length < 2) return undefined
  const all = times.map((time) => Date.parse(time))
  return Math.round((Math.max(...all) - Math.min(...all)) / 1000)
}
