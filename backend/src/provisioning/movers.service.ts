import { Inject, Injectable } from '@nestjs/common'
import type { Freeze, Invitation, Role } from '@custodia/contracts'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import { ProblemError } from '../gateway/problem.js'
import { newAccount, type Account } from '../identity/account.js'
import { InvitationsService } from '../identity/invitations.service.js'
import { endSessionsOf } from '../identity/session-ends.js'
import { GivenRights } from '../power/given-rights.js'
import type { Hands } from '../power/told.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, freezes } from '../record-store/schema.js'
import { lockAccount } from '../response/account-lock.js'
import { FreezesService } from '../response/freezes.service.js'
import { StaffTraits, type GivenTraits } from '../vault/relations/staff-traits.js'
import { LeaverBrake, leaverReason } from './leaver-brake.js'

/** How long a leaver shows as frozen: long enough for the desk to see it. The account stays closed for good. */
const shownHours = 24

export interface Joiner {
  username: string
  displayName: string
  role: Role
  team: string
  branch: string
  externalId?: string
}
/** What is hashed on entry, to know which customers are colleagues and relatives. */
export type JoinerTraits = Omit<GivenTraits, 'name'>

/** People who join and leave, whoever tells of it: SCIM, a file, the directory. Each runs in the caller's transaction. */
@Injectable()
export class Movers {
  constructor(
    @Inject(RECORD_STORE) readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly freezes: FreezesService,
    private readonly invitations: InvitationsService,
    private readonly capture: CaptureService,
    private readonly traits: StaffTraits,
    readonly brake: LeaverBrake,
    private readonly given: GivenRights,
  ) {}

  /** A new account, without a way in: they are invited, or come by the house's own door. */
  async join(tx: Queries, person: Joiner, traits: JoinerTraits, by: Hands): Promise<Account> {
    const account = newAccount({ ...person, passwordHash: null, door: this.config.joinersDoor })
    const made = await tx.insert(accounts).values(account).onConflictDoNothing().returning({ id: accounts.id })
    if (!made.length) throw new ProblemError('conflict', { detail: 'This user name is taken.' })
    await this.traits.put(tx, account.id, { name: person.displayName, ...traits })
    await this.given.changed(tx, { before: undefined, after: account, by })
    return account
  }

  /**
   * Whether the personnel system says which role this is. Never of an administrator; and where groups of their door do, these
   * alone: two that differ would give and take it at every turn.
   */
  givesRole({ role, door }: Account): boolean {
    return role !== 'admin' && (door === 'password' || !this.config[door]?.roles.length)
  }

  /** The names of what was told, for the event. */
  async tell(tx: Queries, account: Account, traits: JoinerTraits): Promise<string[]> {
    const fields = await this.traits.put(tx, account.id, traits)
    if (fields.length) await this.traits.put(tx, account.id, { name: account.displayName })
    return fields
  }

  /** The one-time link, for whoever hands it over; undefined for those who sign in elsewhere. */
  async invite(tx: Queries, account: Account, by: string): Promise<Invitation | undefined> {
    return account.door === 'password' ? this.invitations.issue(tx, account, by) : undefined
  }

  /** Frozen and closed at once: sessions, sockets, downloads and tokens end with it. Undefined for whoever had left already. */
  async leave(tx: Queries, id: string, by: string, hands: Hands): Promise<Freeze | 'closed' | undefined> {
    const account = await lockAccount(tx, id)
    if (account.status === 'disabled') return undefined
    await this.brake.require(tx, 1)
    const until = new Date(Date.now() + shownHours * 3_600_000)
    const freeze = await this.freezes.byHand(tx, { account: id, reason: leaverReason, by, until })
    await tx.update(accounts).set({ status: 'disabled' }).where(eq(accounts.id, id))
    await this.given.changed(tx, { before: account, after: { ...account, status: 'disabled' }, by: hands })
    await this.invitations.revoke(tx, id)
    // Frozen for longer than that already: whatever they still had ends all the same.
    if (!freeze) await endSessionsOf(tx, id, 'revoked')
    const facts = { actor: 'system', subject: id, reason: leaverReason, record_id: freeze?.id }
    await this.capture.append([this.capture.build('freeze', 'granted', facts)])
    return freeze ?? 'closed'
  }

  /** Open again, unless it is an administrator's: nobody makes one alone. Only the freeze that leaving brought is lifted: what a rule or a colleague froze stays frozen. */
  async comeBack(tx: Queries, id: string, by: string, hands: Hands): Promise<void> {
    const before = await lockAccount(tx, id)
    if (before.role === 'admin')
      throw new ProblemError('second_person_required', {
        detail: 'Administrators come back by a proposal on the page Accounts.',
      })
    await tx.update(accounts).set({ status: 'active' }).where(eq(accounts.id, id))
    await this.given.changed(tx, { before, after: { ...before, status: 'active' }, by: hands })
    const open = await tx
      .select({ reason: freezes.reason })
      .from(freezes)
      .where(and(eq(freezes.accountId, id), isNull(freezes.liftedAt), gt(freezes.until, sql`now()`)))
    if (!open.length || open.some(({ reason }) => reason !== leaverReason)) return
    const lifted = await this.freezes.lift(tx, id, by, 'came back, as the personnel system says')
    const facts = { actor: 'system', subject: id, reason: lifted.lift_reason, record_id: lifted.id }
    await this.capture.append([this.capture.build('lift', 'granted', facts)])
  }

  /** A change of what decides what a person may do ends their sessions and tokens. */
  async change(tx: Queries, account: Account, to: Partial<Joiner>, by: Hands): Promise<void> {
    const fields = Object.keys(to) as (keyof typeof to)[]
    if (!fields.some((field) => to[field] !== undefined && to[field] !== account[field])) return
    if (to.username && to.username.toLowerCase() !== account.username.toLowerCase())
      await this.requireFree(tx, to.username)
    await tx.update(accounts).set(to).where(eq(accounts.id, account.id))
    if (to.displayName) await this.traits.put(tx, account.id, { name: to.displayName })
    const { role = account.role, branch = account.branch } = to
    await this.given.changed(tx, { before: account, after: { ...account, role, branch }, by })
    // Behind another door the account is theirs who first signs in there by this name.
    const claims = to.username !== undefined && account.door !== 'password' && account.doorSubject === null
    if (claims) await this.given.wayIn(tx, { ...account, ...to }, by)
    const rights = ['role', 'team', 'branch'] as const
    if (rights.some((field) => to[field] !== undefined && to[field] !== account[field]))
      await endSessionsOf(tx, account.id, 'revoked')
  }

  private async requireFree(tx: Queries, username: string): Promise<void> {
    const [taken] = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(sql`lower(${accounts.username}) = lower(${username})`)
    if (taken) throw new ProblemError('conflict', { detail: 'This user name is taken.' })
  }
}
