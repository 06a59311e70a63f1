import { createHash, randomBytes } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { Invitation } from '@custodia/contracts'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, invitations } from '../record-store/schema.js'
import type { Account } from './account.js'
import { theyHaveComeIn } from './has-come-in.js'

const hours = 24
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

const unused = and(isNull(invitations.usedAt), isNull(invitations.revokedAt))
/** of people who have not come in yet, and still may */
const open = and(
  unused,
  gt(invitations.expiresAt, sql`now()`),
  isNull(accounts.passwordHash),
  eq(accounts.door, 'password'),
  eq(accounts.status, 'active'),
)

/** One-time links: whoever has one sets the first password of its account. Used once, within a day, unless revoked. */
@Injectable()
export class InvitationsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A new link; those before it no longer work. Whoever has come in before is not invited again. */
  async issue(tx: Queries, account: Pick<Account, 'id' | 'door'>, by: string): Promise<Invitation> {
    if (account.door !== 'password') throw new ProblemError('conflict', { detail: 'This person signs in elsewhere.' })
    if (await theyHaveComeIn(tx, account.id))
      throw new ProblemError('conflict', {
        detail: 'This person has come in already: two administrators reset what they lost.',
      })
    await this.revoke(tx, account.id)
    const token = randomBytes(32).toString('base64url')
    const [made] = await tx
      .insert(invitations)
      .values({
        id: uuidv7(),
        accountId: account.id,
        tokenHash: hashOf(token),
        by,
        expiresAt: sql`now() + make_interval(hours => ${hours})`,
      })
      .returning({ expiresAt: invitations.expiresAt })
    // After the #: no server, proxy or log is told.
    return { link: `${this.config.http.origin}/invitation#${token}`, expires_at: made?.expiresAt.toISOString() ?? '' }
  }

  /** How many links were open. */
  async revoke(tx: Queries, accountId: string): Promise<number> {
    const revoked = await tx
      .update(invitations)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(invitations.accountId, accountId), unused))
      .returning({ id: invitations.id })
    return revoked.length
  }

  /** Whom an open link is for, or `invitation_invalid`: used, revoked, over and never issued are one answer. */
  async find(token: string): Promise<{ account: Account; expiresAt: Date }> {
    const [found] = await this.store.db
      .select({ account: accounts, expiresAt: invitations.expiresAt })
      .from(invitations)
      .innerJoin(accounts, eq(accounts.id, invitations.accountId))
      .where(and(eq(invitations.tokenHash, hashOf(token)), open))
    if (!found) throw new ProblemError('invitation_invalid')
    return found
  }

  /** Uses the link up and sets the password; of two at once, the second finds it used. */
  async use(tx: Queries, token: string, passwordHash: string): Promise<void> {
    const [used] = await tx
      .update(invitations)
      .set({ usedAt: sql`now()` })
      .where(and(eq(invitations.tokenHash, hashOf(token)), unused, gt(invitations.expiresAt, sql`now()`)))
      .returning({ accountId: invitations.accountId })
    const [set] = used
      ? await tx
          .update(accounts)
          .set({ passwordHash })
          .where(and(eq(accounts.id, used.accountId), isNull(accounts.passwordHash)))
          .returning({ id: accounts.id })
      : []
    if (!set) throw new ProblemError('invitation_invalid')
  }
}
