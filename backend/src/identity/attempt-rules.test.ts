import { describe, expect, it } from '@jest/globals'
import { deservesLock, rules, waitOf, type Standing } from './attempt-rules.js'

const calm: Standing = {
  own: { failed: 0, ago: Infinity },
  source: { failed: 0, ago: Infinity },
  everywhere: 0,
  lockedFor: 0,
}
const waits = (failed: number, over: Partial<Standing> = {}) => waitOf({ ...calm, own: { failed, ago: 0 }, ...over })

describe('how long a guess must wait', () => {
  it('not at all for five failures, then twice as long each time, up to fifteen minutes', () => {
    expect(Array.from({ length: 18 }, (_, failed) => waits(failed))).toEqual([
      ...[0, 0, 0, 0, 0],
      ...[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900],
    ])
  })

  it('less, the longer the last failure is ago', () => {
    expect(waitOf({ ...calm, own: { failed: 10, ago: 30 } })).toBe(2)
    expect(waitOf({ ...calm, own: { failed: 10, ago: 40 } })).toBe(0)
  })

  it('sooner while everything is under attack', () => {
    expect(waits(2)).toBe(0)
    expect(waits(2, { everywhere: rules.storm })).toBe(1)
    expect(waits(1, { everywhere: rules.storm })).toBe(0) // nobody new is shut out
  })

  it('a minute at the longest for what others did at the same address', () => {
    expect(waits(0, { source: { failed: 39, ago: 0 } })).toBe(0)
    expect(waits(0, { source: { failed: 40, ago: 0 } })).toBe(1)
    expect(waits(0, { source: { failed: 4000, ago: 0 } })).toBe(60)
  })

  it('until the end of a lock', () => {
    expect(waits(0, { lockedFor: 700 })).toBe(700)
    expect(waits(0, { lockedFor: -3 })).toBe(0)
  })

  it('a lock takes many failures and many networks', () => {
    expect(deservesLock({ failed: 1000, networks: 4 })).toBe(false)
    expect(deservesLock({ failed: 19, networks: 19 })).toBe(false)
    expect(deservesLock({ failed: 20, networks: 5 })).toBe(true)
  })
})
