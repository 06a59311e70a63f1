import { describe, expect, it } from '@jest/globals'
import type { PolicyCondition, PolicySettings } from '@custodia/contracts'
import { installedSettings, Policy } from '../gateway/policy-in-force.js'
import { opensOf } from './opens.js'

const staff = (over: Partial<PolicyCondition>): PolicyCondition => ({ roles: ['staff'], on: 'customers', ...over })
const opened = (from: Partial<PolicySettings>, to: Partial<PolicySettings>) =>
  opensOf(new Policy({ ...installedSettings, ...from }), new Policy({ ...installedSettings, ...to }))

describe('what a policy opens', () => {
  it('is nothing where nothing changes, and where it only tightens', () => {
    const hours = [staff({ hours: 'working' })]
    expect(opened({}, {})).toEqual([])
    expect(opened({}, { larger_export: 10 })).toEqual([])
    expect(opened({}, { conditions: hours })).toEqual([])
    expect(opened({ conditions: hours }, { conditions: [...hours, staff({ networks: ['10.0.0.0/8'] })] })).toEqual([])
    const two = [staff({ networks: ['10.0.0.0/8', 'fd00::/8'] })]
    expect(opened({ conditions: two }, { conditions: [staff({ networks: ['fd00::/8'] })] })).toEqual([])
  })

  it('is what administrators would see under the simple preset, and what staff would under the other', () => {
    const toSimple = opened({}, { preset: 'simple' })
    expect(toSimple).toEqual(expect.arrayContaining(['photo.view', 'customer.reveal', 'id_number']))
    expect(toSimple).not.toContain('transaction.view')
    expect(opened({ preset: 'simple' }, {})).toEqual(expect.arrayContaining(['photo.view', 'address']))
  })

  it('is larger exports, and whatever a condition guarded that goes, or says less', () => {
    expect(opened({}, { larger_export: 501 })).toEqual(['larger_export'])
    for (const [before, after] of [
      [[staff({ hours: 'working' })], []],
      [[staff({ networks: ['10.0.0.0/8'] })], [staff({ hours: 'working' })]],
      [[staff({ networks: ['10.0.0.0/8'] })], [staff({ networks: ['10.0.0.0/8', '0.0.0.0/0'] })]],
      [[staff({ hours: 'working' })], [staff({ hours: 'working', on: 'plain' })]],
      [[staff({ hours: 'working' })], [staff({ hours: 'working', roles: ['manager'] })]],
    ] as [PolicyCondition[], PolicyCondition[]][])
      expect(opened({ conditions: before }, { conditions: after })).toContain('customer.view')
  })
})
