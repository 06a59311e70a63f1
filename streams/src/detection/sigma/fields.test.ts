import { describe, expect, it } from '@jest/globals'
import { fieldReader, fieldValues } from './fields.js'
import { matches } from './testing/index.js'

describe('fields', () => {
  it('are literal keys first; then the longest literal prefix wins', () => {
    expect(fieldReader('a.b.c')({ 'a.b.c': 1, a: { b: { c: 2 } } })).toBe(1)
    expect(fieldReader('a.b.c')({ 'a.b': { c: 1 }, a: { 'b.c': 2 } })).toBe(1)
    expect(fieldReader('a.b.c')({ a: { 'b.c': 2, b: { c: 3 } } })).toBe(2)
    expect(fieldReader('a.b.c')({ a: { b: { c: 3 } } })).toBe(3)
    expect(fieldReader('a.b')({ a: 'text' })).toBeUndefined()
  })

  it('fan out over arrays', () => {
    expect(fieldValues({ a: [{ b: 1 }, { c: 2 }, { b: [3, null, [4]] }] }, 'a.b')).toEqual([1, 3, 4])
    expect(matches('a.b', '3', { a: [{ b: 1 }, { b: 3 }] })).toBe(true)
    expect(fieldValues({ a: null }, 'a')).toEqual([])
    expect(fieldValues({ a: {} }, 'a')).toEqual([])
  })

  it('are never found on the prototype', () => {
    expect(fieldValues({}, 'constructor.name')).toEqual([])
    expect(matches('toString', 'null', {})).toBe(true)
  })

  it('tell empty from nothing', () => {
    expect(matches('x', "''", { x: '' })).toBe(true)
    expect(matches('x', "''", {})).toBe(false)
    expect(matches('x', "''", { x: null })).toBe(false)
    for (const event of [{}, { x: null }, { x: [null] }, { y: 1 }]) expect(matches('x', 'null', event)).toBe(true)
    for (const event of [{ x: '' }, { x: 0 }, { x: [] }, { x: {} }]) expect(matches('x', 'null', event)).toBe(false)
    expect(matches('x.y', 'null', { x: [{ z: 1 }] })).toBe(true)
  })
})
