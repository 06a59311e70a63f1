import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

describe('lt, lte, gt, gte', () => {
  it('compare numbers, and texts that are numbers', () => {
    expect(matches('n|gt', '2.5', { n: 2.6 })).toBe(true)
    expect(matches('n|gt', '2.5', { n: 2.5 })).toBe(false)
    expect(matches('n|gte', '10', { n: '10' })).toBe(true)
    expect(matches('n|lt', '10', { n: '9' })).toBe(true)
    expect(matches('n|lte', '-1', { n: -1 })).toBe(true)
    expect(matches('n|gt', '5', { n: [1, 6] })).toBe(true)
  })

  it('are false for everything else, without an error', () => {
    for (const n of ['lots', '', null, true, {}, '0x10', undefined]) expect(matches('n|gte', '0', { n })).toBe(false)
    expect(matches('n|lt', '5', {})).toBe(false)
  })

  it('need a number', () => expect(problemOf('n|gt', 'many')).toContain('needs a number'))
})
