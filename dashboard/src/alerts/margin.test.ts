import { describe, expect, it } from '@jest/globals'
import { marginOf, spanSeconds } from './margin.js'

describe('what it would have taken not to fire', () => {
  it('“at most 50”: the 51st is one too many', () => {
    expect(marginOf({ value: 51, limit: 50 })).toEqual({ limit: 50, over: 1, limitAt: 50 / 51, valueAt: 1 })
  })
  it('says nothing where a rule has no limit', () => expect(marginOf({ value: 1 })).toBeUndefined())
  it('a limit of zero: the first one fires', () => {
    expect(marginOf({ value: 1, limit: 0 })).toMatchObject({ over: 1, limitAt: 0 })
  })
  it('measures the stretch of the evidence, in any order', () => {
    expect(spanSeconds(['2026-03-10T02:00:42.400Z', '2026-03-10T02:00:00.000Z'])).toBe(42)
    expect(spanSeconds(['2026-03-10T02:00:00.000Z'])).toBeUndefined()
  })
})
