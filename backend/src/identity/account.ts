import type { Role } from '@custodia/contracts'
import { sql, type SQL } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { AccessFacts } from '../capture/capture.service.js'
import type { Caller } from '../gateway/caller.js'
import type { Policy } from '../gateway/policy-in-force.js'
import { accounts } from '../record-store/schema.js'

/** A person who signs in, as the database knows them. */
export type Account = typeof accounts.$inferSelect

/** One spelling of a sign-in name: width, case and blanks around it do not make another person. */
export const signInNameOf = (typed: string): string => typed.normalize('NFKC').trim().toLowerCase()

/** Finds an account by what was typed; fits the unique index. */
export const hasSignInName = (typed: string): SQL => sql`lower(${accounts.username}) = ${signInNameOf(typed)}`

export interface NewAccount {
  username: string
  displayName: string
  role: Role
  team?: string
  branch?: string
  /** null: they set it with an invitation, or come by another door */
  passwordHash: string | null
  door?: Account['door']
  doorSubject?: string
  externalId?: string
  demo?: boolean
  drill?: boolean
  breakGlass?: boolean
  email?: string
}

/** A new person without a second factor: their first sign-in leads to enrolment. */
export const newAccount = (person: NewAccount): Account => ({
  id: uuidv7(),
  team: '',
  branch: '',
  demo: false,
  drill: false,
  breakGlass: false,
  door: 'password',
  administratorAt: null,
  emailBefore: null,
  emailChangedAt: null,
  ...person,
  doorSubject: person.doorSubject ?? null,
  externalId: person.externalId ?? null,
  email: person.email ?? null,
  username: person.username.normalize('NFKC').trim(),
  managerId: null,
  status: 'active',
  totpSecret: null,
  totpPending: null,
  totpPendingAt: null,
  totpPendingSession: null,
  totpConfirmed: false,
  totpLastStep: 0,
  freezeId: null,
  frozenUntil: null,
  freezeCause: null,
  measures: [],
  throttledAt: null,
  vouchedAt: null,
  decidesFrom: null,
  decidesGivenBy: null,
  createdAt: new Date(),
})

/** The person of an account, in one of its sessions. */
export const callerOf = (
  account: Pick<Account, 'id' | 'username' | 'displayName' | 'role' | 'team' | 'branch' | 'demo' | 'drill' | 'door'>,
  session: {
    id: string
    level: Caller['level']
    newDevice: boolean
    policy: Policy
    scopes?: Caller['scopes'] | null
  },
): Caller => ({
  id: account.id,
  username: account.username,
  displayName: account.displayName,
  role: account.role,
  team: account.team,
  branch: account.branch,
  demo: account.demo,
  drill: account.drill,
  door: account.door,
  session: session.id,
  level: session.level,
  newDevice: session.newDevice,
  ...(session.scopes ? { scopes: session.scopes } : {}),
  policy: session.policy,
})

/** Who tried, for the event of an attempt that has no session yet. */
export const actorFacts = (account: Account): AccessFacts => ({
  actor: account.id,
  actor_role: account.role,
  team: account.team || undefined,
  branch: account.branch || undefined,
  demo: account.demo || undefined,
  drill: account.drill || undefined,
})
