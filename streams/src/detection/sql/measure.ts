import type { CorrelationRule } from '../sigma/rule.js'
import { MAX_ENTRIES } from '../windows/index.js'
import { and, float } from './quote.js'
import { replayIf } from './unsupported.js'

/**
 * What a window is worth at each row, in steps: each is a column over the one before. A row is what one event adds to one
 * group, `_v`; `_entries` is how many entries the window has that ends with it. `w` is that window.
 */
export interface Measure {
  /** columns with window functions */
  over: string[]
  /** the value, out of those columns */
  value: string
}

/** Whole numbers above this are not all numbers of JavaScript. */
const EXACT = 2 ** 53

const exactly = (total: string, then: string): string =>
  `if(${replayIf(`${total} >= ${EXACT}`, 'a sum is too large to be exact')}, ${then}, 0)`

const sumOf = (list: string): string => exactly(`arraySum(arrayMap(x -> abs(x), ${list}))`, `arraySum(${list})`)

/** By linear interpolation between the closest ranks, in the engine's own order of operations. */
const percentile = (list: string, percent: number): string => {
  const share = Math.min(Math.max(percent, 0), 100) / 100
  const interpolated = `s[toUInt64(floor(r)) + 1] + (s[toUInt64(ceil(r)) + 1] - s[toUInt64(floor(r)) + 1]) * (r - floor(r))`
  return `arrayElement(arrayMap((s, r) -> ${interpolated}, [arraySort(${list})], [${float(share)} * (length(${list}) - 1)]), 1)`
}

const numbers = ['groupArrayArray(_v) OVER w AS _list']

export const measureOf = (rule: CorrelationRule, probes: boolean): Measure => {
  switch (rule.type) {
    case 'event_count':
      return { over: [], value: '_entries' }
    case 'value_count':
      return probes
        ? {
            over: ['groupUniqArrayArrayIf(_v, NOT _probe) OVER w AS _list'],
            value: 'length(arrayDistinct(arrayConcat(_list, _v)))',
          }
        : { over: ['uniqExactArray(_v) OVER w AS _distinct'], value: '_distinct' }
    case 'value_sum':
      return probes
        ? { over: ['groupArrayArrayIf(_v, NOT _probe) OVER w AS _list'], value: sumOf('if(_probe, arrayConcat(_list, _v), _list)') } // prettier-ignore
        : { over: numbers, value: sumOf('_list') }
    case 'value_avg':
      return { over: numbers, value: `${sumOf('_list')} / length(_list)` }
    case 'value_percentile':
    case 'value_median':
      return { over: numbers, value: percentile('_list', rule.type === 'value_median' ? 50 : (rule.percentile ?? 50)) }
    case 'temporal':
      return { over: ['uniqExactArray(_v) OVER w AS _distinct'], value: '_distinct' }
    case 'temporal_ordered':
      return {
        over: ['groupArray(_v) OVER w AS _list'],
        value: 'arrayFold((reached, seen) -> toUInt8(reached + has(seen, reached)), _list, toUInt8(0))',
      }
  }
}

const operators = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' } as const

export const firesSql = (rule: CorrelationRule): string =>
  and(rule.condition.map(({ op, value }) => `_value ${operators[op]} ${float(value)}`))

/** So many entries a window needs before it can fire at all; 1 where that cannot be told. */
export const fewestEntries = (rule: CorrelationRule): number => {
  const counts = !/^value_(sum|avg|percentile|median)$/.test(rule.type)
  const bounds = rule.condition.map(({ op, value }) =>
    op === 'gt' ? Math.floor(value) + 1 : op === 'gte' || op === 'eq' ? Math.ceil(value) : 1,
  )
  return counts ? Math.max(1, ...bounds) : 1
}

/** The engine forgets the oldest entries of a window that is fuller than this. */
export const notTooFull = replayIf(`_entries >= ${MAX_ENTRIES}`, `a window holds more than ${MAX_ENTRIES} entries`)
