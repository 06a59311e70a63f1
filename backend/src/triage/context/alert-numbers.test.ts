import { describe, expect, it } from '@jest/globals'
import type { EventRow } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { countOf, medianOf, passesAt, secondsOf, servedOf } from './alert-numbers.js'

const start = Date.parse('2026-03-10T02:00:00.000Z')
const row = (second: number, over: Partial<EventRow> = {}): EventRow => ({
  ...anAccessEvent({ id: `e${second}`, time: new Date(start + second * 1000).toISOString(), action: 'photo_view' }),
  customer_id: `customer-${second}`,
  final_outcome: 'allowed',
  ...over,
})
const customers = { counted: { type: 'value_count', fields: ['customer_id'] }, window_seconds: 600 }
const fired = row(100, { final_outcome: 'refused' })
const alert = { ...customers, limit: 3, event_id: fired.id }

describe('the numbers of an alert', () => {
  it('count as the rule does', () => {
    const events = [row(0, { count: 10 }), row(1, { customer_id: 'customer-0', count: 5 }), row(2)]
    expect(countOf(customers, events)).toBe(2)
    expect(countOf({ counted: { type: 'event_count', fields: [] } }, events)).toBe(3)
    expect(countOf({ counted: { type: 'value_sum', fields: ['count'] } }, events)).toBe(15)
    expect(countOf({ counted: { type: 'temporal', fields: [] } }, events)).toBeUndefined()
    expect(countOf({}, events)).toBeUndefined()
  })
  it('tell what was served apart from what was refused', () => {
    expect(servedOf(alert, [row(0), row(1), row(2), fired])).toBe(3)
    expect(servedOf(alert, [row(0, { final_outcome: 'failed' })])).toBeUndefined()
    expect(secondsOf([row(0), fired])).toBe(100)
    expect(secondsOf([fired])).toBeUndefined()
  })
  it('say from when on the same access would have passed: when one of the three has left the window', () => {
    expect(passesAt(alert, [row(0), row(1), row(2), fired])).toBe('2026-03-10T02:10:00.001Z')
  })
  it('a customer seen again leaves when last seen', () => {
    const again = row(50, { id: 'again', customer_id: 'customer-0' })
    expect(passesAt(alert, [row(0), row(1), row(2), again, fired])).toBe('2026-03-10T02:10:01.001Z')
  })
  it('one that is too large by itself never passes', () => {
    const sum = { counted: { type: 'value_sum', fields: ['count'] }, window_seconds: 600, limit: 5, event_id: 'e9' }
    expect(passesAt(sum, [row(0, { count: 1 }), row(9, { count: 6 })])).toBeUndefined()
    expect(passesAt({ ...alert, limit: undefined }, [row(0), fired])).toBeUndefined()
  })
  it('the median is not moved by one wild week', () => {
    expect(medianOf([6, 5, 7, 400])).toBe(6.5)
    expect(medianOf([6, 400, 5])).toBe(6)
    expect(medianOf([])).toBeUndefined()
  })
})
