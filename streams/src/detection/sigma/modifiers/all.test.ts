import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

describe('all', () => {
  it('wants every value, in any order, and in an array from any element', () => {
    expect(matches('x|contains|all', '[a, b]', { x: 'b-a' })).toBe(true)
    expect(matches('x|contains|all', '[a, b]', { x: 'a' })).toBe(false)
    expect(matches('x|contains|all', '[a, b]', { x: ['a1', 'b1'] })).toBe(true)
  })

  it('works for keywords', () => {
    expect(matches('|all', '[a, b]', { one: 'xax', two: { three: 'B' } })).toBe(true)
    expect(matches('|all', '[a, b]', { one: 'xax' })).toBe(false)
  })

  it('wants every value that a placeholder stands for, wherever `expand` is written', () => {
    const placeholders = { parts: ['a', 'b'], one: ['a'] }
    for (const key of ['x|expand|contains|all', 'x|contains|all|expand', 'x|all|contains|expand']) {
      expect(matches(key, "'%parts%'", { x: 'b-a' }, { placeholders })).toBe(true)
      expect(matches(key, "'%parts%'", { x: 'a' }, { placeholders })).toBe(false)
      expect(matches(key, "['%parts%', c]", { x: 'abc' }, { placeholders })).toBe(true)
      expect(matches(key, "['%parts%', c]", { x: 'ac' }, { placeholders })).toBe(false)
      expect(problemOf(key, "'%one%'", { placeholders })).toContain('more than one')
    }
  })

  it('makes no sense for one value', () => expect(problemOf('x|all', 'a')).toContain('more than one'))
})
