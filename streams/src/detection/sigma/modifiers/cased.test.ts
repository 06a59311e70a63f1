import { describe, expect, it } from '@jest/globals'
import { matches } from '../testing/index.js'

describe('cased', () => {
  it('tells upper from lower case, wherever it stands in the chain', () => {
    expect(matches('x|cased', 'Ab', { x: 'Ab' })).toBe(true)
    expect(matches('x|cased', 'Ab', { x: 'ab' })).toBe(false)
    expect(matches('x|cased|contains', 'Ab', { x: '-AB-' })).toBe(false)
    expect(matches('x|startswith|cased', 'Ab', { x: 'Abc' })).toBe(true)
  })
})
