import { describe, expect, it } from '@jest/globals'
import { matches } from '../testing/index.js'

describe('neq', () => {
  it('differs from every value', () => {
    expect(matches('x|neq', 'DE', { x: 'FR' })).toBe(true)
    expect(matches('x|neq', 'DE', { x: 'de' })).toBe(false)
    expect(matches('x|neq', '[DE, FR]', { x: 'FR' })).toBe(false)
    expect(matches('x|neq', '5', { x: 6 })).toBe(true)
    expect(matches('x|neq', '5', { x: '5' })).toBe(false)
    expect(matches('x|contains|neq', 'a', { x: 'bab' })).toBe(false)
    expect(matches('x|neq', 'a', { x: ['a', 'b'] })).toBe(false)
  })

  it('is about a field that is there', () => {
    expect(matches('x|neq', 'DE', {})).toBe(false)
    expect(matches('x|neq', 'DE', { x: null })).toBe(false)
  })
})
