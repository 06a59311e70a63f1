import { numbersOf, percentileOf } from './numbers.js'
import type { Operator } from './operator.js'

const nothing = (): void => undefined

/** A percentile of a numeric field. */
export const valuePercentile: Operator = {
  type: 'value_percentile',
  holds: false,
  kind: 'number',
  values: numbersOf,
  aggregate: ({ percentile = 50 }) => ({
    add: nothing,
    remove: nothing,
    value: (window) => percentileOf(window.entries(), percentile),
  }),
}

/** The middle of a numeric field: its 50th percentile. */
export const valueMedian: Operator = {
  ...valuePercentile,
  type: 'value_median',
  aggregate: (rule) => valuePercentile.aggregate({ ...rule, percentile: 50 }),
}
