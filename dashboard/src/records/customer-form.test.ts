import { describe, expect, it } from '@jest/globals'
import { emptyCustomer, filledIn, gapsOfEdit, gapsOfNew, type CustomerDraft } from './customer-form.js'

const today = new Date('2026-11-22T00:00:00Z')
const aDraft = (over: Partial<CustomerDraft> = {}): CustomerDraft => ({
  ...emptyCustomer(),
  name: ' 张伟 ',
  id_number: '11010519491231002x',
  business_type: 'car_loan',
  ...over,
})

describe('a customer being filled in', () => {
  it('needs a name, a valid ID number and a business type; the rest is optional', () => {
    expect(gapsOfNew(emptyCustomer(), today)).toEqual(['name', 'id_number', 'business_type'])
    expect(gapsOfNew(aDraft(), today)).toEqual([])
    expect(gapsOfNew(aDraft({ email: 'a@b' }), today)).toEqual(['email'])
  })
  it('an edit needs nothing, but what it has must be right', () => {
    expect(gapsOfEdit(emptyCustomer(), today)).toEqual([])
    expect(gapsOfEdit(aDraft({ id_number: '110' }), today)).toEqual(['id_number'])
  })
  it('sends only what was filled in, tidied', () => {
    expect(filledIn(aDraft({ phone: '  ' }))).toEqual({ name: '张伟', id_number: '11010519491231002X' })
  })
})
