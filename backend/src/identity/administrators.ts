import { Inject, Injectable } from '@nestjs/common'
import { and, eq, isNotNull, isNull, lte, max, ne, or, sql, type SQL } from 'drizzle-orm'
import { CONFIG, type Config } from '../config.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import type { Account } from './account.js'

/** So long nobody is alone after they were two. */
const missedMs = 7 * 86_400_000

type Whom = Pick<Account, 'id' | 'role' | 'demo'>

/** Has a second factor of ours: a session that its first factor opened leads further than enrolment. */
const enrolled = sql`(${accounts.totpConfirmed} or exists (select 1 from passkeys p where p.account_id = ${accounts.id}))`

/** Who answers for the house: administrators who can sign in as things are, not those who merely have the role. */
@Injectable()
export class Administrators {
  /** open, not frozen, behind a door that is there, and enrolled */
  private readonly canComeIn: SQL | undefined

  constructor(@Inject(CONFIG) { oidc, ldap }: Pick<Config, 'oidc' | 'ldap'>) {
    const provenThere = oidc?.trustedMfa.size ? undefined : enrolled
    this.canComeIn = and(
      eq(accounts.role, 'admin'),
      eq(accounts.status, 'active'),
      eq(accounts.drill, false),
      or(isNull(accounts.frozenUntil), lte(accounts.frozenUntil, sql`now()`)),
      or(
        and(eq(accounts.door, 'password'), isNotNull(accounts.passwordHash), enrolled),
        oidc && and(eq(accounts.door, 'oidc'), isNotNull(accounts.doorSubject), provenThere),
        ldap && and(eq(accounts.door, 'ldap'), isNotNull(accounts.doorSubject), enrolled),
      ),
    )
  }

  /** Whether this one is among them. */
  async includes(tx: Queries, id: string): Promise<boolean> {
    return this.exists(tx, eq(accounts.id, id))
  }

  /** Whether anybody is, beside this one. Demo people go with the demo data: they stand in for each other alone. */
  async isAnother(tx: Queries, { id, demo }: Pick<Whom, 'id' | 'demo'>): Promise<boolean> {
    return this.exists(tx, and(ne(accounts.id, id), demo ? undefined : eq(accounts.demo, false)))
  }

  /** Whether two of them are there, who can confirm what the other does. */
  async areTwo(tx: Queries, demo: boolean): Promise<boolean> {
    const two = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(this.canComeIn, eq(accounts.demo, demo)))
      .limit(2)
    return two.length === 2
  }

  /** Whether the house has any beside those of the demo data, able to come in or not. */
  async isTheHouses(tx: Queries): Promise<boolean> {
    const houses = and(eq(accounts.role, 'admin'), eq(accounts.demo, false), eq(accounts.drill, false))
    const [one] = await tx.select({ id: accounts.id }).from(accounts).where(houses).limit(1)
    return one !== undefined
  }

  /** Remembers who can come in now: whoever gets the others out of the way is not alone by that. */
  async remember(tx: Queries): Promise<void> {
    const stale = or(isNull(accounts.administratorAt), lte(accounts.administratorAt, sql`now() - interval '1 hour'`))
    await tx
      .update(accounts)
      .set({ administratorAt: sql`now()` })
      .where(and(this.canComeIn, stale))
  }

  /** Until when (ms since the epoch) this one is not alone, although nobody else can come in: somebody could a short while ago. */
  async missedUntil(tx: Queries, { id, demo }: Pick<Whom, 'id' | 'demo'>): Promise<number> {
    const [last] = await tx
      .select({ at: max(accounts.administratorAt) })
      .from(accounts)
      .where(and(ne(accounts.id, id), demo ? undefined : eq(accounts.demo, false)))
    return last?.at ? last.at.getTime() + missedMs : 0
  }

  /** Throws where this one is an administrator and nobody else could take their place. Ask with the administrators' rows locked. */
  async requireAnother(tx: Queries, account: Whom): Promise<void> {
    if (account.role === 'admin' && !(await this.isAnother(tx, account))) throw new ProblemError('last_administrator')
  }

  private async exists(tx: Queries, which: SQL | undefined): Promise<boolean> {
    const [one] = await tx.select({ id: accounts.id }).from(accounts).where(and(this.canComeIn, which)).limit(1)
    return one !== undefined
  }
}
