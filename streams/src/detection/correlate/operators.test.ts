import { describe, expect, it } from '@jest/globals'
import { loadRules } from '../sigma/index.js'
import { correlateAll } from './replay.js'

const base = (name: string): string => `
title: ${name}
name: ${name}
logsource: { product: test }
detection: { selection: { kind: ${name} }, condition: selection }`

/** Values at each firing of `correlation` over events one second apart, by number of the event. */
const firings = (correlation: string, events: Record<string, unknown>[], bases = ['a']): [number, number][] => {
  const yaml = [`title: rule\nname: rule\ncorrelation: ${correlation}`, ...bases.map(base)].join('\n---\n')
  const { rules, problems } = loadRules([{ file: 'rule.yml', yaml }])
  expect(problems).toEqual([])
  const timed = events.map((event, i) => ({
    id: String(i + 1),
    time: new Date(1_700_000_000_000 + i * 1000).toISOString(),
    event: { kind: 'a', group: 'g', ...event },
  }))
  return correlateAll(rules, timed).map(({ event_id, value }) => [Number(event_id), value])
}
const rule = (type: string, condition: string, more = ''): string =>
  `{ type: ${type}, rules: [a], group-by: [group], timespan: 3s, condition: ${condition}${more} }`
const numbers = (...list: unknown[]): Record<string, unknown>[] => list.map((n) => ({ n }))

describe('event_count', () => {
  it('counts the events of the window', () =>
    expect(firings(rule('event_count', '{ gte: 3 }'), [{}, {}, {}, {}, {}])).toEqual([[3, 3], [4, 4], [5, 4]])) // prettier-ignore

  it('leaves out an event without the group', () =>
    expect(firings(rule('event_count', '{ gte: 2 }'), [{}, { group: null }, {}])).toEqual([[3, 2]]))

  it('counts an event that matches two rules once', () => {
    const both = '{ type: event_count, rules: [a, b], group-by: [group], timespan: 9s, condition: { gte: 2 } }'
    expect(firings(both, [{ kind: ['a', 'b'] }, { kind: 'b' }], ['a', 'b'])).toEqual([[2, 2]])
  })
})

describe('value_count', () => {
  it('counts different values that are there', () =>
    expect(firings(rule('value_count', '{ field: n, gt: 1 }'), numbers(1, 1, null, 2))).toEqual([[4, 2]]))

  it('counts tuples of several fields', () => {
    const events = [{ x: 1, y: 1 }, { x: 1, y: 2 }, { x: 1 }, { x: 1, y: 2 }]
    expect(firings(rule('value_count', '{ field: [x, y], gte: 2 }'), events)).toEqual([[2, 2], [4, 2]]) // prettier-ignore
  })

  it('counts each element of a list', () =>
    expect(firings(rule('value_count', '{ field: n, gte: 3 }'), numbers(['x', 'y'], ['y', 'z']))).toEqual([[2, 3]]))
})

describe('value_sum', () => {
  it('adds numbers and numeric texts, and nothing else', () =>
    expect(firings(rule('value_sum', '{ field: n, gte: 5 }'), numbers(2, '3', 'x', null))).toEqual([[2, 5]]))

  it('does not drift with fractions', () =>
    expect(firings(rule('value_sum', '{ field: n, eq: 1.1 }'), numbers(1e15, 0, 0, 0, 0.5, 0.6))).toEqual([[6, 1.1]]))
})

describe('value_avg, value_median, value_percentile', () => {
  it('gives the mean', () =>
    expect(firings(rule('value_avg', '{ field: n, gt: 2 }'), numbers(1, 2, 6))).toEqual([[3, 3]]))

  it('gives the middle', () =>
    expect(firings(rule('value_median', '{ field: n, gte: 2.5 }'), numbers(1, 4, 9))).toEqual([[2, 2.5], [3, 4]])) // prettier-ignore

  it('interpolates between the closest ranks', () =>
    expect(firings(rule('value_percentile', '{ field: n, gt: 3, percentile: 90 }'), numbers(1, 2, 3, 4))).toEqual([[4, 3.7]])) // prettier-ignore
})

describe('temporal', () => {
  const both = (type: string): string => `{ type: ${type}, rules: [a, b], group-by: [group], timespan: 3s }`
  const kinds = (...list: string[]): Record<string, unknown>[] => list.map((kind) => ({ kind }))

  it('wants all rules in any order', () =>
    expect(firings(both('temporal'), kinds('b', 'a'), ['a', 'b'])).toEqual([[2, 2]]))

  it('temporal_ordered wants them in the order listed', () => {
    expect(firings(both('temporal_ordered'), kinds('b', 'a'), ['a', 'b'])).toEqual([])
    expect(firings(both('temporal_ordered'), kinds('b', 'a', 'b'), ['a', 'b'])).toEqual([[3, 2]])
  })

  it('temporal_ordered wants two events for two rules', () =>
    expect(firings(both('temporal_ordered'), [{ kind: ['a', 'b'] }], ['a', 'b'])).toEqual([]))
})
