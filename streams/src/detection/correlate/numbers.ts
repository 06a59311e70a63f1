import { fieldValues } from '../sigma/fields.js'
import type { CorrelationRule, RuleEvent } from '../sigma/rule.js'
import { asNumber } from '../sigma/value.js'
import type { Aggregate, Entry } from '../windows/index.js'

/** The numbers that an event has in the rule's field; numeric texts count, anything else does not. */
export const numbersOf = (rule: CorrelationRule, _via: string, event: RuleEvent): number[] =>
  rule.field.flatMap((field) => fieldValues(event, field).map(toNumber)).filter(Number.isFinite)

const toNumber = (value: string | number | boolean): number => asNumber(value) ?? NaN

const numberIn = (entry: Entry): number => entry.value as number

/**
 * Sum and count. Whole numbers are kept as a running sum; with fractions in the window it is added up afresh, because a
 * running sum of fractions would depend on what was in the window before.
 */
export const summing = (value: (sum: number, count: number) => number | undefined): Aggregate => {
  let sum = 0
  let count = 0
  let fractions = 0
  const change = (number: number, by: 1 | -1): void => {
    count += by
    if (Number.isSafeInteger(number)) sum += by * number
    else fractions += by
  }
  return {
    add: (number) => change(number as number, 1),
    remove: (number) => change(number as number, -1),
    value: (entries) => value(fractions ? entries().reduce((total, entry) => total + numberIn(entry), 0) : sum, count),
  }
}

/** The value below which `percent` of the numbers lie, by linear interpolation between the closest ranks. */
export const percentileOf = (entries: readonly Entry[], percent: number): number | undefined => {
  const sorted = entries.map(numberIn).sort((a, b) => a - b)
  if (!sorted.length) return undefined
  const rank = (Math.min(Math.max(percent, 0), 100) / 100) * (sorted.length - 1)
  const below = sorted[Math.floor(rank)] as number
  const above = sorted[Math.ceil(rank)] as number
  return below + (above - below) * (rank - Math.floor(rank))
}
