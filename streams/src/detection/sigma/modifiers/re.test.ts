import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

describe('re', () => {
  it('searches, case-sensitive, unless told otherwise', () => {
    expect(matches('x|re', "'b+c'", { x: 'abbcd' })).toBe(true)
    expect(matches('x|re', "'B'", { x: 'b' })).toBe(false)
    expect(matches('x|re|i', "'B'", { x: 'b' })).toBe(true)
    expect(matches('x|re|m|i', "'^B'", { x: 'a\nb' })).toBe(true)
    expect(matches('x|re|s', "'a.b'", { x: 'a\nb' })).toBe(true)
    expect(matches('x|re', "'^4\\d{3}$'", { x: 4625 })).toBe(true)
    expect(matches('|re', "'f.o'", { deep: { er: ['a foo'] } })).toBe(true)
  })

  it('refuses broken patterns and lost flags', () => {
    expect(problemOf('x|re', "'(a'")).toContain('regular expression')
    expect(problemOf('x|i', 'a')).toContain('must follow')
    expect(problemOf('x|contains|re', 'a')).toContain('cannot follow')
  })
})
