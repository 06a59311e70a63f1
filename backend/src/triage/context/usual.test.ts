import { describe, expect, it } from '@jest/globals'
import type { EventRow } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { hoursBefore, usualOf, weekOf } from './usual.js'

const alert = { counted: { type: 'value_count', fields: ['customer_id'] } }
const hourWith = (customers: number): EventRow[] =>
  Array.from({ length: customers }, (_, n) => ({
    ...anAccessEvent({ customer_id: `customer-${n}` }),
    final_outcome: 'granted',
  }))

describe('what is usual for this hour', () => {
  it('looks at the same hour of the last four weeks, on the clock of the house', () => {
    expect(hoursBefore('2026-03-10T02:34:56.000Z', 'Asia/Shanghai').map(({ from, to }) => [from, to])).toEqual([
      ['2026-03-03T02:00:00.000Z', '2026-03-03T03:00:00.000Z'],
      ['2026-02-24T02:00:00.000Z', '2026-02-24T03:00:00.000Z'],
      ['2026-02-17T02:00:00.000Z', '2026-02-17T03:00:00.000Z'],
      ['2026-02-10T02:00:00.000Z', '2026-02-10T03:00:00.000Z'],
    ])
    // nine in the morning stays nine in the morning when the clocks have changed
    expect(hoursBefore('2026-04-01T07:30:00.000Z', 'Europe/Berlin')[0]?.from).toBe('2026-03-25T08:00:00.000Z')
  })
  it('is the median, whatever one week was like', () => {
    const hours = [6, 90, 5, 7].map(hourWith)
    expect(usualOf(alert, hours, new Set([0, 1, 2, 3]))).toEqual({ weeks: 4, value: 6.5 })
  })
  it('a week on holiday is not known; a quiet hour at work is a zero', () => {
    const hours = [6, 0, 0, 4].map(hourWith)
    expect(usualOf(alert, hours, new Set([0, 1, 3]))).toEqual({ weeks: 3, value: 4 })
  })
  it('says so when there is too little history, instead of a guess', () => {
    const hours = [6, 5, 0, 0].map(hourWith)
    expect(usualOf(alert, hours, new Set([0, 1]))).toEqual({ weeks: 2, value: undefined })
    expect(usualOf(alert, hours, new Set())).toEqual({ weeks: 0, value: undefined })
  })
  it('says nothing for a rule that counts otherwise', () => {
    const hours = [6, 5, 7, 6].map(hourWith)
    expect(usualOf({ counted: { type: 'temporal', fields: [] } }, hours, new Set([0, 1, 2, 3]))).toBeUndefined()
  })
  it('counts weeks back from the alert', () => {
    const time = '2026-03-10T02:00:00.000Z'
    expect(weekOf(time, '2026-03-10T01:00:00.000Z')).toBe(0)
    expect(weekOf(time, '2026-03-02T02:00:00.000Z')).toBe(1)
  })
})
