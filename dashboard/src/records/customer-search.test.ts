import { describe, expect, it } from '@jest/globals'
import { daysReversed, everyone, exportName, filterCount, queryOf, rowAfter } from './customer-search.js'

describe('a search for customers', () => {
  it('sends only what was asked for', () => {
    expect(Object.values(queryOf(everyone())).every((value) => value === undefined)).toBe(true)
    expect(queryOf({ ...everyone(), q: ' 张 ', mine: true })).toMatchObject({ q: '张', mine: 'true' })
  })
  it('counts its filters, not its words', () => {
    expect(filterCount({ ...everyone(), q: '张' })).toBe(0)
    expect(filterCount({ ...everyone(), tag: 'vip', mine: true })).toBe(2)
  })
  it('sees days the wrong way round', () => {
    expect(daysReversed({ ...everyone(), captured_from: '2026-02-01', captured_to: '2026-01-01' })).toBe(true)
    expect(daysReversed({ ...everyone(), captured_from: '2026-02-01' })).toBe(false)
  })
})

describe('moving in the list', () => {
  it('stays inside it, and leaves it at the top', () => {
    expect(rowAfter('ArrowDown', 0, 2)).toBe(1)
    expect(rowAfter('ArrowDown', 1, 2)).toBe(1)
    expect(rowAfter('ArrowUp', 0, 2)).toBe(-1)
    expect(rowAfter('End', 0, 5)).toBe(4)
    expect(rowAfter('a', 0, 5)).toBeUndefined()
  })
})

it('an export is named by count and time', () => {
  expect(exportName(3, '2026-11-22 14:05')).toBe('customers-3-2026-11-22-1405.csv')
})
