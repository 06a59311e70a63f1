import { numbersOf, summing } from './numbers.js'
import type { Operator } from './operator.js'

/** The mean of a numeric field. */
export const valueAvg: Operator = {
  type: 'value_avg',
  holds: false,
  kind: 'number',
  values: numbersOf,
  aggregate: () => summing((sum, count) => (count ? sum / count : undefined)),
}
