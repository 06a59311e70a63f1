import type { CorrelationRule, RuleEvent } from '../sigma/rule.js'
import { asNumber } from '../sigma/value.js'
import type { Aggregate, Entry, Totals } from '../windows/index.js'
import { type ChildGroup, countedValues } from './counted-field.js'

/** The numbers that an event has in the rule's field; numeric texts count, anything else does not. */
export const numbersOf = (rule: CorrelationRule, via: string, event: RuleEvent, child?: ChildGroup): number[] =>
  rule.field.flatMap((name) => countedValues(rule, name, via, event, child).map(toNumber)).filter(Number.isFinite)

const toNumber = (value: string | number | boolean): number => asNumber(value) ?? NaN

const numberIn = (entry: Entry): number => entry.value as number

/**
 * Sum and count. Whole numbers are kept as a running sum; with fractions in the window it is added up afresh, because a
 * running sum of fractions would depend on what was in the window before.
 */
export const summing = (value: (sum: number, count: number) => number | undefined): Aggregate => {
  const change = (window: Totals, number: number, by: 1 | -1): void => {
    if (Number.isSafeInteger(number)) window.sum += by * number
    else window.fractions += by
  }
  return {
    add: (window, number) => change(window, number, 1),
    remove: (window, number) => change(window, number, -1),
    value: (window) => {
      const { sum, fractions, count } = window
      return value(fractions ? window.entries().reduce((total, entry) => total + numberIn(entry), 0) : sum, count)
    },
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
