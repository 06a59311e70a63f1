import { Inject, Injectable } from '@nestjs/common'
import { Username, type Role } from '@custodia/contracts'
import { and, eq, isNull, or, sql, type SQL } from 'drizzle-orm'
import { RECORD_STORE } from '../../adapters.js'
import { CaptureService } from '../../capture/capture.service.js'
import { ProblemError } from '../../gateway/problem.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { accounts, sessions } from '../../record-store/schema.js'
import { GivenRights } from '../../power/given-rights.js'
import { groupsOf } from '../../power/told.js'
import { lockAccount } from '../../response/account-lock.js'
import { hasSignInName, newAccount, type Account } from '../account.js'
import { Administrators } from '../administrators.js'
import { endSessionsOf } from '../session-ends.js'
import { StaffTraits, type GivenTraits } from '../../vault/relations/staff-traits.js'
import type { DoorPolicy } from './settings.js'

/** Somebody whom another system has proven. */
export interface OutsidePerson {
  door: 'oidc' | 'ldap'
  /** never changes there, and is never given to somebody else */
  subject: string
  username: string
  displayName: string
  groups: readonly string[]
  /** hashed as they come in, to know colleagues' and relatives' records */
  traits?: Omit<GivenTraits, 'name'>
}

export interface Admitted {
  account: Account
  settle: (tx: Queries) => Promise<void>
}

/**
 * Whose account an outside person's is. Only accounts that an administrator (or the personnel system) gave that door: a claim
 * or an attribute that says `root` never opens an account with a password of its own. The first time pins the subject; from
 * then on it alone counts, whatever names change there.
 */
@Injectable()
export class OutsidePeople {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly capture: CaptureService,
    private readonly traits: StaffTraits,
    private readonly administrators: Administrators,
    private readonly given: GivenRights,
  ) {}

  async admit(person: OutsidePerson, policy: DoorPolicy): Promise<Admitted> {
    const role = policy.roles.find(([group]) => person.groups.includes(group))?.[1]
    if (policy.roles.length && !role) throw new ProblemError('no_account')
    const account = await this.find(person)
    if (account) {
      const changed = role && role !== account.role ? { ...account, role } : account
      return { account: changed, settle: (tx) => this.settled(tx, account, person, role) }
    }
    if (!policy.create || !role) throw new ProblemError('no_account')
    return this.make(person, role)
  }

  /** Whose sessions an OpenID provider speaks of: by subject, or by the session there, or by both where they agree. */
  async behind(tx: Queries, { subject, sid }: { subject?: string; sid?: string }): Promise<Account | undefined> {
    const [account] = await tx
      .select()
      .from(accounts)
      .where(
        and(
          eq(accounts.door, 'oidc'),
          subject === undefined ? undefined : eq(accounts.doorSubject, subject),
          sid === undefined || subject !== undefined ? undefined : hasProviderSession(sid),
        ),
      )
      .limit(1)
    return account
  }

  private async find({ door, subject, username }: OutsidePerson): Promise<Account | undefined> {
    const { db } = this.store
    const behind = eq(accounts.door, door)
    const [pinned] = await db
      .select()
      .from(accounts)
      .where(and(behind, eq(accounts.doorSubject, subject)))
    if (pinned) return pinned
    if (readsAlike(username)) return undefined
    const [waiting] = await db
      .select()
      .from(accounts)
      .where(and(behind, isNull(accounts.doorSubject), hasSignInName(username)))
    return waiting
  }

  private async settled(tx: Queries, account: Account, person: OutsidePerson, role: Role | undefined): Promise<void> {
    await this.pin(tx, account, person.subject, role)
    await this.traits.put(tx, account.id, { name: account.displayName, ...person.traits })
  }

  /** With the session, or not at all: of two who come for one account at once, the second is nobody. */
  private async pin(tx: Queries, account: Account, subject: string, role: Role | undefined): Promise<void> {
    const mine = or(isNull(accounts.doorSubject), eq(accounts.doorSubject, subject))
    const pinned = await tx
      .update(accounts)
      .set({ doorSubject: subject, vouchedAt: sql`now()` })
      .where(and(eq(accounts.id, account.id), eq(accounts.door, account.door), mine))
      .returning({ id: accounts.id })
    if (!pinned.length) throw new ProblemError('bad_credentials')
    if (!role || role === account.role) return
    const before = await lockAccount(tx, account.id)
    await this.administrators.requireAnother(tx, before)
    await tx.update(accounts).set({ role }).where(eq(accounts.id, account.id))
    await this.beLoud(tx, before, { ...before, role })
    await endSessionsOf(tx, account.id, 'revoked')
    await this.told(account.id, account.door, ['role'])
  }

  private make({ door, subject, username, displayName, traits }: OutsidePerson, role: Role): Admitted {
    const name = Username.safeParse(username)
    if (!name.success || readsAlike(username))
      throw new ProblemError('no_account', { detail: 'This user name cannot be one here.' })
    const shown = displayName.trim().slice(0, 64) || name.data
    const account = newAccount({
      username: name.data,
      displayName: shown,
      role,
      passwordHash: null,
      door,
      doorSubject: subject,
    })
    const settle = async (tx: Queries) => {
      const made = await tx
        .insert(accounts)
        .values({ ...account, vouchedAt: sql`now()` })
        .onConflictDoNothing()
        .returning({ id: accounts.id })
      // The name is somebody's who comes by another door: an administrator decides whether they are one.
      if (!made.length) throw new ProblemError('no_account')
      await this.traits.put(tx, account.id, { name: shown, ...traits })
      await this.beLoud(tx, undefined, account)
      await this.told(account.id, door, ['username', 'display_name', 'role'])
    }
    return { account, settle }
  }

  /** No second person decided it here: everybody hears of an administrator, of who approves from now on, and of who can no longer say no. */
  private async beLoud(tx: Queries, before: Account | undefined, after: Account): Promise<void> {
    await this.given.changed(tx, { before, after, by: groupsOf(after.door) })
  }

  private async told(subject: string, door: string, fields: string[]): Promise<void> {
    const facts = { actor: 'system', subject, fields, reason: `as ${door} says` }
    await this.capture.append([this.capture.build('role_change', 'granted', facts)])
  }
}

/** Characters that we would take for others (ａｎｎａ, ᵃⁿⁿᵃ) make another name there, which somebody may have chosen for that. */
const readsAlike = (username: string): boolean => username.normalize('NFKC') !== username

const hasProviderSession = (sid: string): SQL =>
  sql`exists (select 1 from ${sessions} where ${sessions.accountId} = ${accounts.id} and ${sessions.providerSid} = ${sid})`
