import { describe, expect, it } from '@jest/globals'
import { matches } from '../testing/index.js'

describe('fieldref', () => {
  it('compares with another field', () => {
    expect(matches('a|fieldref', 'b.c', { a: 'X1', b: { c: 'x1' } })).toBe(true)
    expect(matches('a|fieldref', 'b', { a: 1, b: '1' })).toBe(true)
    expect(matches('a|fieldref', 'b', { a: 'x' })).toBe(false)
    expect(matches('a|fieldref|startswith', 'b', { a: '/h/ann/x', b: '/h/ann' })).toBe(true)
    expect(matches('a|fieldref|endswith', 'b', { a: 'x.exe', b: '.EXE' })).toBe(true)
    expect(matches('a|fieldref|contains', 'b', { a: 'xyz', b: 'y' })).toBe(true)
    expect(matches('a|fieldref|cased', 'b', { a: 'X', b: 'x' })).toBe(false)
  })

  it('turns round with neq', () => {
    expect(matches('a|fieldref|neq', 'b', { a: 1, b: 2 })).toBe(true)
    expect(matches('a|fieldref|neq', 'b', { a: 1, b: 1 })).toBe(false)
    expect(matches('a|fieldref|neq|contains', 'b', { a: 'xyz', b: 'q' })).toBe(true)
    expect(matches('a|fieldref|neq', '[b, c]', { a: 1, b: 2, c: 3 })).toBe(true)
    expect(matches('a|fieldref|neq', '[b, c]', { a: 1, b: 2, c: 1 })).toBe(false)
  })

  it('is about two fields that are there, turned round too', () => {
    for (const key of ['a|fieldref|neq', 'a|fieldref|neq|startswith'])
      for (const event of [{ a: 1 }, { a: 1, b: null }, { b: 1 }, { a: null, b: 1 }, {}])
        expect([event, matches(key, 'b', event)]).toEqual([event, false])
    expect(matches('a|fieldref|neq', '[b, c]', { a: 1, b: 2 })).toBe(false)
    expect(matches('a|fieldref|neq', 'b', { a: 1, b: '' })).toBe(true)
  })
})
