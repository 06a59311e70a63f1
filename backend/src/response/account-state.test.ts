import { describe, expect, it } from '@jest/globals'
import type { Measure } from '@custodia/contracts'
import { endsOf, freezeInForce, measuresInForce, type Ask, type OpenFreeze } from './account-state.js'

const minute = 60_000
const at = (minutes: number): Date => new Date(Date.UTC(2026, 2, 10) + minutes * minute)
const ask = (id: string, over: Partial<Ask> = {}): Ask => ({
  id,
  rule: 'bulk',
  firedAt: at(0),
  seconds: 3600,
  undone: false,
  ...over,
})
const minutesOf = (asks: Ask[]) => asks.map(({ id, firedAt }) => (+endsOf(asks).get(id)! - +firedAt) / minute)

describe('how long a step lasts', () => {
  it('doubles with each firing of the same rule within a week, up to a day', () => {
    const asks = [0, 1, 2, 3, 4, 5].map((n) => ask(`${n}`, { firedAt: at(n * 60) }))
    expect(minutesOf(asks)).toEqual([60, 120, 240, 480, 960, 1440])
  })

  it('is what the rule asks for when that is longer than a day', () => {
    expect(minutesOf([ask('a', { seconds: 172_800 }), ask('b', { seconds: 172_800 })])).toEqual([2880, 2880])
  })

  it('forgets after a week, other rules, and what a person undid', () => {
    const later = ask('z', { firedAt: at(7 * 24 * 60 + 1) })
    expect(minutesOf([ask('a'), later])).toEqual([60, 60])
    expect(minutesOf([ask('a'), ask('b', { rule: 'other' })])).toEqual([60, 60])
    expect(endsOf([ask('a', { undone: true }), ask('b')]).get('b')).toEqual(at(60))
  })
})

describe('the freeze in force', () => {
  const freeze = (id: string, minutes: number, offset?: number, partition = 0): OpenFreeze => ({
    id,
    key: id,
    until: at(minutes),
    cause: offset === undefined ? null : { partition, offset },
  })

  it('lasts as long as the longest, from the earliest cause', () => {
    const open = [freeze('a', 60, 7), freeze('b', 120, 9), freeze('c', 30, 5)]
    expect(freezeInForce(open, at(0))).toEqual({ id: 'b', until: at(120), cause: { partition: 0, offset: 5 } })
    expect(freezeInForce(open, at(120))).toBeUndefined()
  })

  it('owes nothing once a person froze, or where causes cannot be compared', () => {
    expect(freezeInForce([freeze('a', 60, 7), freeze('b', 30)], at(0))?.cause).toBeNull()
    expect(freezeInForce([freeze('a', 60, 7), freeze('b', 30, 3, 1)], at(0))?.cause).toBeNull()
  })
})

describe('measures in force', () => {
  const measure = (alert_id: string, kind: Measure['kind'], minutes: number, action?: Measure['action']) => ({
    key: alert_id,
    until: at(minutes),
    measure: { kind, action, rule: 'bulk', rule_version: '1', alert_id, reason: 'Bulk' },
  })

  it('are the longest of each kind, mildest first; blocks of different kinds of access stand side by side', () => {
    const open = [
      measure('a', 'block', 10, 'export'),
      measure('b', 'block', 10, 'reveal'),
      measure('c', 'step_up', 10),
      measure('d', 'step_up', 20),
      measure('e', 'mask', 0),
    ]
    expect(measuresInForce(open, at(0)).map(({ alert_id }) => alert_id)).toEqual(['d', 'a', 'b'])
    expect(measuresInForce([...open].reverse(), at(0))).toEqual(measuresInForce(open, at(0)))
  })
})
