import { describe, expect, it } from '@jest/globals'
import { checkCharacterOf, idNumberState, normaliseIdNumber } from './id-number.js'

const today = new Date('2026-11-22T00:00:00Z')
const state = (text: string) => idNumberState(text, today)

describe('an ID number while it is typed', () => {
  it('is right so far until 18 characters are there', () => {
    expect(state('')).toBe('empty')
    expect(state('1')).toBe('short')
    expect(state('11010519491231002')).toBe('short')
  })
  it('is valid with its check character, digit or X, in either case and with blanks', () => {
    expect(state('11010519491231002X')).toBe('valid')
    expect(state('110105 1949 1231 002x')).toBe('valid')
    expect(state('440308199901010514')).toBe('valid')
  })
  it('names the first thing that is wrong, as early as it can be known', () => {
    expect(state('99')).toBe('region')
    expect(state('11010519490231')).toBe('date')
    expect(state('11010520991231')).toBe('date')
    expect(state('1101051949123100A')).toBe('characters')
    expect(state('X')).toBe('characters')
    expect(state('110105194912310021')).toBe('check')
    expect(state('11010519491231002X1')).toBe('long')
  })
  it('full-width characters are what they look like', () => {
    expect(normaliseIdNumber('１１０１０５-1949')).toBe('1101051949')
  })
  it('finds any single wrong digit', () => {
    const right = '11010519491231002'
    const check = checkCharacterOf(right)
    for (let at = 0; at < 17; at++) {
      const other = String((Number(right[at]) + 1) % 10)
      expect(checkCharacterOf(right.slice(0, at) + other + right.slice(at + 1))).not.toBe(check)
    }
  })
})
