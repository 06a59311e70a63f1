import { describe, expect, it } from '@jest/globals'
import type { BacktestReply, RuleTrial } from '@custodia/contracts'
import type { KeptTrial } from '../record-store/schema.js'
import { isGoodEnough, kept, limitsPassed } from './trial.js'

const limits = { alerts_a_day: 5, frozen: 3 }
const aReply = (over: Partial<BacktestReply>): BacktestReply => ({
  rule: 'r',
  version: 'v',
  title: 't',
  alerts: 0,
  freezes: 0,
  people: 0,
  by: 'sql',
  cost: { rows: 0, bytes: 0, ms: 0 },
  days: [],
  examples: [],
  ...over,
})
const live = (alerts: number, freezes = 0, people = 0) => ({
  version: 'w',
  same: false,
  alerts,
  freezes,
  people,
  only_here: 0,
  only_live: 0,
})

describe('the limits of a backtest', () => {
  it('are on average alerts a day, over all rules that change', () => {
    expect(limitsPassed([aReply({ alerts: 35 })], 7, limits)).toEqual([])
    expect(limitsPassed([aReply({ alerts: 30 }), aReply({ alerts: 6 })], 7, limits)).toEqual(['alerts'])
  })

  it('are people who would have been frozen, each once', () => {
    expect(limitsPassed([aReply({ freezes: 9, people: 3 })], 7, limits)).toEqual([])
    expect(limitsPassed([aReply({ freezes: 4, people: 4 })], 7, limits)).toEqual(['frozen'])
    expect(limitsPassed([aReply({ freezes: 0, people: 40 })], 7, limits)).toEqual([])
  })

  it('are not passed by what is no worse than the version in force', () => {
    expect(limitsPassed([aReply({ alerts: 90, live: live(100) })], 7, limits)).toEqual([])
    expect(limitsPassed([aReply({ alerts: 101, live: live(100) })], 7, limits)).toEqual(['alerts'])
    expect(limitsPassed([aReply({ freezes: 5, people: 5, live: live(0, 9, 5) })], 7, limits)).toEqual([])
  })
})

describe('a backtest', () => {
  const day = 86_400_000
  const start = Date.parse('2026-03-10T00:00:00.000Z')
  const over = (days: number, failed: RuleTrial['failed'] = []): RuleTrial => ({
    at: new Date(start).toISOString(),
    by: 'a',
    from: new Date(start - days * day).toISOString(),
    to: new Date(start).toISOString(),
    rules: [],
    limits,
    failed,
  })
  const version = (trial: RuleTrial | null, ...before: KeptTrial[]) => ({
    yaml: 'this text',
    trial,
    trials: [...before, ...(trial ? [kept(trial, 'this text')] : [])],
  })
  const isGood = (of: ReturnType<typeof version>, after = 0): boolean => isGoodEnough(of, start + after * day)

  it('is good for seven days', () => {
    expect(isGood(version(over(30)), 7)).toBe(true)
    expect(isGood(version(over(30)), 7.1)).toBe(false)
  })

  it('is needed, must have passed, and over a week', () => {
    expect(isGood(version(null))).toBe(false)
    expect(isGood(version(over(30, ['alerts'])))).toBe(false)
    expect(isGood(version(over(6)))).toBe(false)
    expect(isGood(version(over(7)))).toBe(true)
  })

  it('does not pass by kinder days than one of the same text that failed', () => {
    const failed = kept(over(30, ['alerts']), 'this text')
    expect(isGood(version(over(7), failed))).toBe(false)
    expect(isGood(version(over(30), failed))).toBe(true)
    expect(isGood(version(over(7), { ...failed, text: 'of another text' }))).toBe(true)
    expect(isGood(version(over(7), { ...failed, at: new Date(start - 8 * day).toISOString() }))).toBe(true)
  })
})
