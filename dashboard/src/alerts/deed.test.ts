import { describe, expect, it } from '@jest/globals'
import { deedOf, doneOf, unservedOf } from './deed.js'

const customers = { type: 'value_count', fields: ['customer_id'] }
const alert = { rule: 'bulk-photo-view', counted: customers, action: 'photo_view', value: 51, limit: 50 } as const
const context = { alert_id: 'a', at: '2026-03-10T02:00:00.000Z' }

describe('the sentence of an alert', () => {
  it('has words of its own for what is known, and the rule’s for the rest', () => {
    expect(deedOf(alert)).toBe('photos_of_customers')
    expect(deedOf({ counted: { type: 'event_count', fields: [] }, action: 'photo_download' })).toBe('downloads')
    expect(deedOf({ counted: { type: 'value_sum', fields: ['count'] }, action: 'export' })).toBe('rows')
    expect(deedOf({ counted: { type: 'temporal', fields: [] }, action: 'photo_view' })).toBeUndefined()
    expect(deedOf({ counted: undefined, action: undefined })).toBeUndefined()
  })
  it('tells what was served: the one that fired a rule that holds was not', () => {
    expect(doneOf({ ...alert, held: true })).toBe(50)
    expect(doneOf(alert)).toBe(51)
    expect(doneOf({ ...alert, held: true, context: { ...context, served: 49 } })).toBe(49)
    const rows = { counted: { type: 'value_sum', fields: ['count'] }, action: 'export' as const }
    expect(doneOf({ ...alert, ...rows, value: 580, limit: 500, held: true })).toBe(500)
  })
  it('says of what was let pass and reached nobody that it counts: else 41 at a limit of 50 would not be understood', () => {
    expect(unservedOf({ ...alert, held: true, context: { ...context, served: 41 } })).toBe(9)
    expect(unservedOf({ ...alert, held: true, context: { ...context, served: 50 } })).toBe(0)
    expect(unservedOf({ ...alert, held: true })).toBe(0)
    expect(unservedOf({ ...alert, context: { ...context, served: 41 } })).toBe(0)
  })
})
