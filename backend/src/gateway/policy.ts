import { AbilityBuilder, createMongoAbility, subject, type MongoAbility } from '@casl/ability'
import type { Permission, Role, RouteSpec } from '@custodia/contracts'
import type { Caller } from './caller.js'
import { ProblemError } from './problem.js'

/** How far a permission reaches: one's own customers, one's branch, or everything. */
export type Scope = 'own' | 'branch' | 'all'

/**
 * Who may do what: permission → role → reach. What is not written here is refused. Separation of duties: the analyst and
 * the administrator see no photos and no plain values, the auditor changes nothing but schedules.
 */
export const policy: Record<Permission, Partial<Record<Role, Scope>>> = {
  'customer.search': { staff: 'branch', manager: 'branch' },
  'customer.view': { staff: 'branch', manager: 'branch' },
  'customer.create': { staff: 'all', manager: 'all' },
  'customer.update': { staff: 'own', manager: 'branch' },
  'customer.delete': { manager: 'branch' },
  'customer.reveal': { staff: 'own', manager: 'branch' },
  'customer.export': { staff: 'own', manager: 'branch' },
  'customer.accesses': { manager: 'branch', analyst: 'all', auditor: 'all' },
  'consent.record': { staff: 'own', manager: 'branch' },
  'transaction.view': { staff: 'own', manager: 'branch' },
  'transaction.create': { staff: 'own', manager: 'branch' },
  'photo.thumbnail': { staff: 'branch', manager: 'branch' },
  'photo.view': { staff: 'own', manager: 'branch' },
  'photo.download': { staff: 'own', manager: 'branch' },
  'photo.upload': { staff: 'own', manager: 'branch' },
  'alert.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'alert.triage': { analyst: 'all' },
  'event.read': { analyst: 'all', auditor: 'all' },
  'live.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'rule.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'rule.backtest': { analyst: 'all', admin: 'all' },
  'person.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'person.freeze': { analyst: 'all', admin: 'all' },
  'person.lift': { analyst: 'all', admin: 'all' },
  'account.manage': { admin: 'all' },
  'report.read': { auditor: 'all' },
  'schedule.manage': { auditor: 'all' },
  'ingest.manage': { admin: 'all' },
  'notice.manage': { admin: 'all' },
  'notice.read': { analyst: 'all', admin: 'all' },
  'notice.retry': { analyst: 'all', admin: 'all' },
  'demo.manage': { admin: 'all' },
  'drill.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'drill.run': { analyst: 'all', admin: 'all' },
  own: { staff: 'all', manager: 'all', analyst: 'all', auditor: 'all', admin: 'all' },
}

/** What a customer looks like to the policy. */
export interface OwnedRecord {
  owner: string
  branch: string
  /** a decoy: whoever reaches for it is written down as touching one */
  canary?: boolean
}

type Ability = MongoAbility<[Permission, 'Record' | (OwnedRecord & { __caslSubjectType__?: 'Record' })]>
type Person = Pick<Caller, 'id' | 'role' | 'branch'>

/** Built once a person: the table never changes while we run. */
const abilities = new Map<string, Ability>()
const mostAbilities = 5000

/** The row of the table that fits this person, with the conditions filled in. */
export function abilityOf(person: Person): Ability {
  const name = JSON.stringify([person.role, person.branch, person.id])
  const known = abilities.get(name)
  if (known) return known
  if (abilities.size >= mostAbilities) abilities.clear()
  const ability = buildAbility(person)
  abilities.set(name, ability)
  return ability
}

function buildAbility(person: Person): Ability {
  const { can, build } = new AbilityBuilder<Ability>(createMongoAbility)
  for (const [permission, roles] of Object.entries(policy) as [Permission, Partial<Record<Role, Scope>>][]) {
    const scope = roles[person.role]
    if (scope === 'all') can(permission, 'Record')
    if (scope === 'branch') can(permission, 'Record', { branch: person.branch } as never)
    if (scope === 'own') can(permission, 'Record', { owner: person.id } as never)
  }
  return build()
}

/** Permission at all, whatever the object; checked on the route. */
export const mayEver = (person: Person, permission: Permission): boolean =>
  policy[permission][person.role] !== undefined

/** Permission on this object; checked again once the object is known. */
export const may = (person: Person, permission: Permission, object: OwnedRecord): boolean =>
  abilityOf(person).can(permission, subject('Record', { owner: object.owner, branch: object.branch }))

/** Refuses with `not_allowed` unless the table allows it. */
export function requirePermission(person: Person, permission: Permission, object: OwnedRecord): void {
  if (!may(person, permission, object)) throw new ProblemError('not_allowed')
}

/** Routes that show or change customers' data. */
export const isAboutCustomers = ({ needs }: RouteSpec): boolean =>
  needs !== undefined && /^(customer|consent|transaction|photo)\./.test(needs)

/** What nobody gets from a gateway that does not hear of freezes: customers' data, and lists of who looked at it. */
export const isProtected = (route: RouteSpec): boolean =>
  isAboutCustomers(route) || route.needs === 'report.read' || route.needs === 'event.read'

/** How far a search reaches for this person. */
export const scopeOf = (person: Person, permission: Permission): Scope | undefined => policy[permission][person.role]

export const permissionsOf = (role: Role): Permission[] =>
  (Object.keys(policy) as Permission[]).filter((permission) => policy[permission][role] !== undefined)
