import type { CorrelationType } from '../sigma/rule.js'
import { eventCount } from './event-count.js'
import type { Operator } from './operator.js'
import { temporal } from './temporal.js'
import { temporalOrdered } from './temporal-ordered.js'
import { valueAvg } from './value-avg.js'
import { valueCount } from './value-count.js'
import { valueMedian, valuePercentile } from './value-percentile.js'
import { valueSum } from './value-sum.js'

/** Every correlation type there is; a new one is a file and a line here. */
const all: Operator[] = [
  eventCount,
  valueCount,
  valueSum,
  valueAvg,
  valuePercentile,
  valueMedian,
  temporal,
  temporalOrdered,
]

export const operators = Object.fromEntries(all.map((operator) => [operator.type, operator])) as Record<
  CorrelationType,
  Operator
>
