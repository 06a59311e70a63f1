import { numbersOf, summing } from './numbers.js'
import type { Operator } from './operator.js'

/** The sum of a numeric field. */
export const valueSum: Operator = {
  type: 'value_sum',
  holds: true,
  kind: 'number',
  values: numbersOf,
  aggregate: () => summing((sum) => sum),
}
