import { describe, expect, it } from '@jest/globals'
import { checkCharacterOf, isIdNumber, normaliseIdNumber } from './id-number.js'

const today = new Date('2026-11-22T00:00:00Z')
const withCheck = (first17: string) => first17 + checkCharacterOf(first17)

describe('the resident ID number', () => {
  it.each([
    '11010519491231002X', // the example of the standard, GB 11643
    withCheck('44052419800101001'),
    withCheck('31010520000229123'), // a leap day
    withCheck('83000019900101001'), // Taiwan residents' permit
  ])('%s is valid', (idNumber) => {
    expect(isIdNumber(idNumber, today)).toBe(true)
  })

  it.each([
    ['110105194912310021', 'wrong check character'],
    ['11010519491231020X', 'digits swapped'],
    ['11010519491231002x', 'not normalised'],
    [withCheck('11010519490229002'), '29 February of a common year'],
    [withCheck('11010519491301002'), 'month 13'],
    [withCheck('11010519490010002'), 'month 0'],
    [withCheck('11010518991231002'), 'born in 1899'],
    [withCheck('11010520261123002'), 'born tomorrow'],
    [withCheck('99010519491231002'), 'no such province'],
    [withCheck('16010519491231002'), 'no such province'],
    ['110105491231002', '15 digits of the old kind'],
    ['1101051949123100２X', 'a full-width digit'],
    ['', 'nothing'],
  ])('%s is not (%s)', (idNumber) => {
    expect(isIdNumber(idNumber, today)).toBe(false)
  })

  it('finds every single wrong digit', () => {
    const valid = '11010519491231002X'
    for (let at = 0; at < 17; at++)
      for (const digit of '0123456789')
        if (digit !== valid[at]) expect(isIdNumber(valid.slice(0, at) + digit + valid.slice(at + 1), today)).toBe(false)
  })

  it('is normalised from what people type', () => {
    expect(normaliseIdNumber(' 110105 19491231 ００２x ')).toBe('11010519491231002X')
  })
})
