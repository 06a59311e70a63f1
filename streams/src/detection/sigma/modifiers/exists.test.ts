import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

describe('exists', () => {
  it('looks at presence only', () => {
    for (const x of ['', null, 0, [], 'a']) expect(matches('x|exists', 'true', { x })).toBe(true)
    expect(matches('x|exists', 'true', {})).toBe(false)
    expect(matches('x|exists', 'false', {})).toBe(true)
    expect(matches('x|exists', 'false', { x: null })).toBe(false)
    expect(matches('x.y|exists', 'true', { x: { y: null } })).toBe(true)
    expect(matches('x.y|exists', 'true', { x: null })).toBe(false)
  })

  it('needs true or false', () => expect(problemOf('x|exists', 'maybe')).toContain('true or false'))
})
