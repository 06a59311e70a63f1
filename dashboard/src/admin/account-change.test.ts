import { describe, expect, it } from '@jest/globals'
import type { Person } from '@custodia/contracts'
import { changeOf, fieldsOf, wantsReason } from './account-change.js'

const person = {
  id: 'x',
  display_name: 'Lin',
  username: 'lin',
  role: 'staff',
  team: 'counter',
  branch: 'changning',
  break_glass: false,
  door: 'password',
  email: 'lin@example.com',
} as Person

describe('what the form of an account sends', () => {
  const sent = (over: Partial<ReturnType<typeof fieldsOf>>) => changeOf(person, { ...fieldsOf(person), ...over })

  it('is nothing where nothing changed, blanks do not count', () => {
    expect(sent({})).toEqual({})
    expect(sent({ team: ' counter ', display_name: 'Lin ' })).toEqual({})
  })

  it('is a new name without the rights, which would take a proof', () => {
    expect(sent({ display_name: 'Lin Xiao' })).toEqual({ display_name: 'Lin Xiao' })
  })

  it('is each right that changed, an address that was emptied as none', () => {
    expect(sent({ role: 'manager', manager: 'm', email: ' ' })).toEqual({ role: 'manager', manager: 'm', email: null })
  })

  it('wants a reason for another door or address alone', () => {
    expect([sent({ door: 'oidc' }), sent({ email: '' }), sent({ role: 'manager' })].map(wantsReason)).toEqual([
      true,
      true,
      false,
    ])
  })
})
