import type { Role } from '@custodia/contracts'
import { sql, type SQL } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { AccessFacts } from '../capture/capture.service.js'
import type { Caller } from '../gateway/caller.js'
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
  /** null: they set it with an invitation */
  passwordHash: string | null
  demo?: boolean
  drill?: boolean
  breakGlass?: boolean
}

/** A new person without a second factor: their first sign-in leads to enrolment. */
export const newAccount = (person: NewAccount): Account => ({
  id: uuidv7(),
  team: '',
  branch: '',
  demo: false,
  drill: false,
  breakGlass: false,
  ...person,
  username: person.username.normalize('NFKC').trim(),
  status: 'active',
  totpSecret: null,
  totpPending: null,
  totpConfirmed: false,
  totpLastStep: 0,
  freezeId: null,
  frozenUntil: null,
  freezeCause: null,
  measures: [],
  throttledAt: null,
  createdAt: new Date(),
})

/** The person of an account, in one of its sessions. */
export const callerOf = (
  account: Pick<Account, 'id' | 'username' | 'displayName' | 'role' | 'team' | 'branch' | 'demo' | 'drill'>,
  session: { id: string; level: Caller['level']; newDevice: boolean },
): Caller => ({
  id: account.id,
  username: account.username,
  displayName: account.displayName,
  role: account.role,
  team: account.team,
  branch: account.branch,
  demo: account.demo,
  drill: account.drill,
  session: session.id,
  level: session.level,
  newDevice: session.newDevice,
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
