import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

describe('minute, hour, day, week, month, year', () => {
  const x = '2026-01-01T22:05:59.123Z'
  it('take a part of the time', () => {
    expect(matches('x|minute', '5', { x })).toBe(true)
    expect(matches('x|hour', '[22, 23]', { x })).toBe(true)
    expect(matches('x|day', '1', { x })).toBe(true)
    expect(matches('x|week', '1', { x })).toBe(true)
    expect(matches('x|week', '53', { x: '2027-01-01' })).toBe(true)
    expect(matches('x|month', '1', { x })).toBe(true)
    expect(matches('x|year', '2026', { x })).toBe(true)
    expect(matches('x|hour', '5', { x })).toBe(false)
  })

  it('compare on', () => {
    expect(matches('x|hour|gte', '22', { x })).toBe(true)
    expect(matches('x|hour|lt', '22', { x })).toBe(false)
  })

  it('read the clock as it is written, and numbers as seconds or milliseconds', () => {
    expect(matches('x|hour', '9', { x: '2026-01-01 09:00:00+08:00' })).toBe(true)
    expect(matches('x|year', '2026', { x: 1767305159 })).toBe(true)
    expect(matches('x|year', '2026', { x: 1767305159123 })).toBe(true)
  })

  it('refuse what no time has', () => {
    for (const [key, value] of [
      ['hour', '25'],
      ['hour', '24'],
      ['minute', '60'],
      ['day', '0'],
      ['day', '32'],
      ['week', '54'],
      ['month', '13'],
      ['month', '[1, 0]'],
      ['year', '-1'],
      ['hour', '2.5'],
      ['hour|gt', '23'],
      ['hour|lt', '0'],
      ['hour|neq', '25'],
    ] as const)
      // prettier-ignore
      expect(problemOf(`x|${key}`, value)).toContain('is a whole number from')
    expect(matches('x|hour|lt', '24', { x })).toBe(true)
    expect(matches('x|day|gt', '0', { x })).toBe(true)
  })

  it('are false for what is no time', () => {
    for (const x of ['soon', '2026-02-30', '2026-01-01T25:00:00Z', null, true])
      expect(matches('x|day', '2', { x })).toBe(false)
  })
})
