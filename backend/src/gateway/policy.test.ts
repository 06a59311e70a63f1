import { describe, expect, it } from '@jest/globals'
import { Role, routes, type Permission, type RouteSpec } from '@custodia/contracts'
import { may, mayEver, permissionsOf, requirePermission } from './policy.js'
import { Policy } from './policy-in-force.js'

type Reach = '-' | 'own' | 'branch' | 'all'

/** Least privilege, written down a second time and by hand: staff, service, finance, manager, analyst, auditor, admin. */
type Row = [Reach, Reach, Reach, Reach, Reach, Reach, Reach]
const expected: Record<Permission, Row> = {
  'customer.search': ['branch', 'own', 'branch', 'branch', '-', '-', '-'],
  'customer.view': ['branch', 'own', 'branch', 'branch', '-', '-', '-'],
  'customer.create': ['all', '-', '-', 'all', '-', '-', '-'],
  'customer.update': ['own', '-', '-', 'branch', '-', '-', '-'],
  'customer.delete': ['-', '-', '-', 'branch', '-', '-', '-'],
  'customer.reveal': ['own', 'own', '-', 'branch', '-', '-', '-'],
  'customer.export': ['own', '-', '-', 'branch', '-', '-', '-'],
  'customer.accesses': ['-', '-', '-', 'branch', 'all', 'all', '-'],
  'consent.record': ['own', '-', '-', 'branch', '-', '-', '-'],
  'transaction.view': ['own', '-', 'branch', 'branch', '-', '-', '-'],
  'transaction.create': ['own', '-', 'branch', 'branch', '-', '-', '-'],
  'photo.thumbnail': ['branch', '-', '-', 'branch', '-', '-', '-'],
  'photo.view': ['own', '-', '-', 'branch', '-', '-', '-'],
  'photo.download': ['own', '-', '-', 'branch', '-', '-', '-'],
  'photo.upload': ['own', '-', '-', 'branch', '-', '-', '-'],
  'alert.read': ['-', '-', '-', '-', 'all', 'all', 'all'],
  'alert.triage': ['-', '-', '-', '-', 'all', '-', '-'],
  'event.read': ['-', '-', '-', '-', 'all', 'all', '-'],
  'live.read': ['-', '-', '-', '-', 'all', 'all', 'all'],
  'rule.read': ['-', '-', '-', '-', 'all', 'all', 'all'],
  'rule.backtest': ['-', '-', '-', '-', 'all', '-', 'all'],
  'rule.edit': ['-', '-', '-', '-', 'all', '-', 'all'],
  'rule.approve': ['-', '-', '-', '-', 'all', '-', 'all'],
  'person.read': ['-', '-', '-', '-', 'all', 'all', 'all'],
  'person.freeze': ['-', '-', '-', '-', 'all', '-', 'all'],
  'person.lift': ['-', '-', '-', '-', 'all', '-', 'all'],
  'account.manage': ['-', '-', '-', '-', '-', '-', 'all'],
  'report.read': ['-', '-', '-', '-', '-', 'all', '-'],
  'schedule.manage': ['-', '-', '-', '-', '-', 'all', '-'],
  'review.decide': ['-', '-', '-', 'own', '-', '-', 'all'],
  'review.read': ['-', '-', '-', '-', '-', 'all', 'all'],
  'review.manage': ['-', '-', '-', '-', '-', '-', 'all'],
  'ingest.manage': ['-', '-', '-', '-', '-', '-', 'all'],
  'notice.manage': ['-', '-', '-', '-', '-', '-', 'all'],
  'notice.read': ['-', '-', '-', '-', 'all', '-', 'all'],
  'notice.retry': ['-', '-', '-', '-', 'all', '-', 'all'],
  'demo.manage': ['-', '-', '-', '-', '-', '-', 'all'],
  'drill.read': ['-', '-', '-', '-', 'all', 'all', 'all'],
  'drill.run': ['-', '-', '-', '-', 'all', '-', 'all'],
  'approval.read': ['own', '-', '-', 'branch', 'all', 'all', 'all'],
  'approval.request': ['own', '-', '-', 'own', '-', '-', '-'],
  'approval.break_glass': ['own', '-', '-', 'own', '-', '-', '-'],
  'approval.decide': ['-', '-', '-', 'branch', '-', '-', 'all'],
  'approval.revoke': ['own', '-', '-', 'branch', 'all', '-', 'all'],
  'approval.review': ['-', '-', '-', 'branch', 'all', '-', 'all'],
  'policy.read': ['-', '-', '-', 'all', 'all', 'all', 'all'],
  'policy.change': ['-', '-', '-', '-', '-', '-', 'all'],
  'power.confirm': ['-', '-', '-', '-', '-', '-', 'all'],
  'power.stop': ['-', '-', '-', '-', 'all', '-', 'all'],
  own: ['all', 'all', 'all', 'all', 'all', 'all', 'all'],
}

const policy = new Policy()
const records = {
  'my own': { owner: 'me', team: 'one', branch: 'shanghai' },
  "a colleague's in my branch": { owner: 'colleague', team: 'one', branch: 'shanghai' },
  "another branch's": { owner: 'stranger', team: 'two', branch: 'beijing' },
  'my own, in another branch': { owner: 'me', team: 'one', branch: 'beijing' },
}
const reached: Record<Reach, (keyof typeof records)[]> = {
  '-': [],
  own: ['my own', 'my own, in another branch'],
  branch: ['my own', "a colleague's in my branch"],
  all: Object.keys(records) as (keyof typeof records)[],
}

const cells = (Object.keys(expected) as Permission[]).flatMap((permission) =>
  Role.options.map((role, i) => ({ permission, role, reach: expected[permission][i] ?? '-' })),
)

describe('the policy, cell by cell', () => {
  it.each(cells)('$role: $permission reaches $reach', ({ permission, role, reach }) => {
    const person = { id: 'me', role, team: 'one', branch: 'shanghai', policy }
    expect(mayEver(person, permission)).toBe(reach !== '-')
    expect(permissionsOf(person).includes(permission)).toBe(reach !== '-')
    for (const [name, record] of Object.entries(records)) {
      const allowed = reached[reach].includes(name as keyof typeof records)
      expect(`${name}: ${may(person, permission, record)}`).toBe(`${name}: ${allowed}`)
    }
  })

  it('has no cell that this table does not know', () => {
    expect(Object.keys(policy.cells).sort()).toEqual(Object.keys(expected).sort())
  })

  it('is asked by name of a table: words that every object knows are no permissions', () => {
    const person = { id: 'me', role: 'admin' as const, team: '', branch: '', policy }
    expect(() => requirePermission(person, 'photo.view', records['my own'])).toThrow('not_allowed')
    expect(may(person, 'constructor' as Permission, records['my own'])).toBe(false)
  })

  it('puts a door before every route that needs a permission, and a permission behind every full door', () => {
    for (const route of Object.values(routes) as RouteSpec[]) {
      if (route.needs) expect(['first_factor', 'session', 'token']).toContain(route.door)
      if (route.door === 'session') expect(route.needs).toBeDefined()
    }
  })
})
