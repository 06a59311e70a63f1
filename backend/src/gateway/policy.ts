import { AbilityBuilder, createMongoAbility, subject, type MongoAbility } from '@casl/ability'
import type { CustomerField, FieldLevel, Permission, Reach, RouteSpec } from '@custodia/contracts'
import type { Caller } from './caller.js'
import type { Policy } from './policy-in-force.js'
import { ProblemError } from './problem.js'

/** What a customer looks like to the policy. */
export interface OwnedRecord {
  owner: string
  team: string
  branch: string
  /** a decoy: whoever reaches for it is written down as touching one */
  canary?: boolean
  /** what the person who asks has in common with the customer; null: nothing */
  relation?: string | null
  businessType?: string
}

type Ability = MongoAbility<[Permission, 'Record' | (OwnedRecord & { __caslSubjectType__?: 'Record' })]>
export type Person = Pick<Caller, 'id' | 'role' | 'team' | 'branch' | 'policy'>

/** Built once a person and table: a table never changes, another one takes its place. */
const abilities = new WeakMap<Policy, Map<string, Ability>>()
const mostAbilities = 5000

/** The row of the table that fits this person, with the conditions filled in. */
export function abilityOf(person: Person): Ability {
  const known = abilities.get(person.policy) ?? new Map<string, Ability>()
  abilities.set(person.policy, known)
  const name = JSON.stringify([person.role, person.branch, person.team, person.id])
  const found = known.get(name)
  if (found) return found
  if (known.size >= mostAbilities) known.clear()
  const ability = buildAbility(person)
  known.set(name, ability)
  return ability
}

function buildAbility(person: Person): Ability {
  const { can, build } = new AbilityBuilder<Ability>(createMongoAbility)
  for (const permission of Object.keys(person.policy.cells) as Permission[]) {
    const reach = scopeOf(person, permission)
    if (reach) can(permission, 'Record', conditionOf(person, reach) as never)
  }
  return build()
}

function conditionOf({ id, team, branch }: Person, reach: Reach): Partial<OwnedRecord> | undefined {
  if (reach === 'all') return undefined
  if (reach === 'branch') return { branch }
  // Whoever has no team shares none with others who have none.
  return reach === 'team' && team ? { branch, team } : { owner: id }
}

/** Permission at all, whatever the object; checked on the route. */
export const mayEver = (person: Pick<Person, 'role' | 'policy'>, permission: Permission): boolean =>
  person.policy.cells[permission][person.role] !== undefined

/** Permission on this object; checked again once the object is known. */
export const may = (person: Person, permission: Permission, { owner, team, branch }: OwnedRecord): boolean =>
  abilityOf(person).can(permission, subject('Record', { owner, team, branch }))

/** Refuses with `not_allowed` unless the table allows it. */
export function requirePermission(person: Person, permission: Permission, object: OwnedRecord): void {
  if (!may(person, permission, object)) throw new ProblemError('not_allowed')
}

/** How this person gets a field of a customer. */
export const levelOf = ({ policy, role }: Pick<Person, 'role' | 'policy'>, field: CustomerField): FieldLevel =>
  policy.fields[field][role]

/** The cell's conditions: when, and from where. Whatever cannot be told counts as not met. */
export function requireConditions(
  { policy, role }: Pick<Person, 'role' | 'policy'>,
  permission: Permission,
  { ip, offHours }: { ip: string; offHours: boolean | undefined },
): void {
  const cell = policy.cells[permission][role]
  if (cell?.hours && offHours !== false) throw new ProblemError('outside_hours')
  if (cell?.networks && !policy.isWithin(cell.networks, ip)) throw new ProblemError('outside_network')
}

/** Routes that show or change customers' data. */
export const isAboutCustomers = ({ needs }: RouteSpec): boolean =>
  needs !== undefined && /^(customer|consent|transaction|photo)\./.test(needs)

/** What nobody gets from a gateway that does not hear of freezes: customers' data, and lists of who looked at it. */
export const isProtected = (route: RouteSpec): boolean =>
  isAboutCustomers(route) || route.needs === 'report.read' || route.needs === 'event.read'

/** How far a search reaches for this person. */
export const scopeOf = ({ policy, role }: Pick<Person, 'role' | 'policy'>, permission: Permission): Reach | undefined =>
  policy.cells[permission][role]?.reach

export const permissionsOf = (person: Pick<Person, 'role' | 'policy'>): Permission[] =>
  (Object.keys(person.policy.cells) as Permission[]).filter((permission) => mayEver(person, permission))
