import { describe, expect, it } from '@jest/globals'
import { addressOf } from './address.js'
import { asProblem, problemFrom } from './problem.js'

describe('addresses', () => {
  it('fill in parameters, encoded', () => {
    expect(addressOf('/customers/:id/photos', { id: 'a/b ?' })).toBe('/api/v1/customers/a%2Fb%20%3F/photos')
  })
  it('leave out what is absent or empty', () => {
    expect(addressOf('/people', {}, { q: '李', cursor: undefined, frozen: '', limit: 0 })).toBe(
      '/api/v1/people?q=%E6%9D%8E&limit=0',
    )
  })
})

describe('problems', () => {
  it('keep the members that a code adds', () => {
    const problem = problemFrom(
      423,
      JSON.stringify({ code: 'account_frozen', status: 423, title: 'Paused', case_id: '1042' }),
    )
    expect(problem).toMatchObject({ status: 423, code: 'account_frozen', extras: { case_id: '1042' } })
  })
  it('a page of some proxy is unknown, not a crash', () => {
    expect(problemFrom(502, '<html>')).toMatchObject({ status: 502, code: 'unknown' })
  })
  it('anything thrown can be shown', () =>
    expect(asProblem(new Error('x'))).toMatchObject({ code: 'unknown', detail: 'x' }))
})
