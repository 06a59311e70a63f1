import { createHash, randomBytes } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { Invitation, Recovery, ReplyOf, recoveryRoutes } from '@custodia/contracts'
import { and, desc, eq, type SQL } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { actorFacts, type Account } from '../identity/account.js'
import { addressesOf } from '../identity/address.js'
import { Attempts } from '../identity/attempts.service.js'
import { clearFactors } from '../identity/factor-reset.js'
import { theyHaveComeIn } from '../identity/has-come-in.js'
import { InvitationsService } from '../identity/invitations.service.js'
import { SecondPersons } from '../identity/second-persons.js'
import { GivenRights, waitIn } from '../power/given-rights.js'
import { handsOf } from '../power/told.js'
import { Letters } from '../notices/letters.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { underWay } from '../record-store/recovery-row.js'
import { accounts, recoveries } from '../record-store/schema.js'
import { lockAccount } from '../response/account-lock.js'
import { OutboxService } from '../response/outbox.service.js'
import { Lapses } from './lapses.js'
import { asRecovery, namesIn, selectRecoveries, type RecoveryRow } from './recovery-rows.js'
import { alertOf, letterTo } from './told.js'

const shown = 50
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** A lost factor is reset by two administrators, after the person was told and had time to say no. Nobody acts on their own account. */
@Injectable()
export class RecoveriesService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly invitations: InvitationsService,
    private readonly letters: Letters,
    private readonly attempts: Attempts,
    private readonly outbox: OutboxService,
    private readonly lapses: Lapses,
    private readonly seconds: SecondPersons,
    private readonly given: GivenRights,
  ) {}

  async list(access: Access): Promise<ReplyOf<typeof recoveryRoutes.recoveries>> {
    const rows = await selectRecoveries(this.store.db).orderBy(desc(recoveries.askedAt)).limit(shown)
    await access.grant({ fields: ['recoveries'], count: rows.length })
    return { items: rows.map(asRecovery) }
  }

  async ask(access: Access, accountId: string, reason: string): Promise<Recovery> {
    access.about({ subject: accountId, reason })
    if (accountId === access.who.id) throw new ProblemError('own_account')
    await this.lapses.sweep() // one that was forgotten makes room
    return this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await lockAccount(tx, accountId)
      requireOfTheHouse(access, account)
      if (account.status !== 'active' || account.door !== 'password' || !(await theyHaveComeIn(tx, accountId)))
        throw new ProblemError('conflict', { detail: 'There is nothing to reset: invite this person instead.' })
      const row = { id: uuidv7(), accountId, reason, askedBy: access.who.id }
      const made = await tx.insert(recoveries).values(row).onConflictDoNothing().returning({ id: recoveries.id })
      if (!made.length) throw new ProblemError('conflict', { detail: 'A reset for this person is under way already.' })
      await access.grant({ record_id: row.id })
      return asRecovery(await this.find(tx, eq(recoveries.id, row.id)))
    }, access)
  }

  /** The person is told before anything is approved: where nobody could tell them, nothing is. */
  async approve(access: Access, id: string, toldHow: string | undefined): Promise<Recovery> {
    const asked = await this.open(this.store.db, access, id, 'asked')
    requireOfTheHouse(access, asked.account)
    await this.seconds.require(this.store.db, access.who, asked.recovery.askedBy) // before a letter goes out
    const token = randomBytes(32).toString('base64url')
    const dueAt = new Date(Date.now() + this.config.recoveryWaitHours * 3_600_000)
    const names = { ...namesIn(asked), other: access.who.displayName }
    const letter = letterTo(names, dueAt, this.config.timeZone, token)
    const mailed = await this.letters.write(addressesOf(asked.account), letter)
    if (!mailed && !toldHow) throw new ProblemError('notice_needed')
    const told = mailed ? 'mail' : 'other'
    const approved = await this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      await this.seconds.require(tx, access.who, asked.recovery.askedBy)
      const changed = await tx
        .update(recoveries)
        .set({
          state: 'waiting',
          approvedBy: access.who.id,
          approvedAt: new Date(),
          told,
          dueAt,
          cancelHash: hashOf(token),
        })
        .where(and(eq(recoveries.id, id), eq(recoveries.state, 'asked'), underWay))
        .returning({ id: recoveries.id })
      if (!changed.length) throw new ProblemError('conflict')
      const row = await this.find(tx, eq(recoveries.id, id))
      await this.alarm(tx, 'approved', row)
      await access.grant({ reason: mailed ? 'told by mail' : `told otherwise: ${toldHow}` })
      return asRecovery(row)
    }, access)
    this.outbox.kick()
    return approved
  }

  async finish(access: Access, id: string): Promise<Invitation> {
    const link = await this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      const row = await this.open(tx, access, id, 'waiting')
      const { dueAt, accountId, askedBy, approvedBy } = row.recovery
      if (access.who.id !== askedBy && access.who.id !== approvedBy)
        throw new ProblemError('second_person_required', { detail: 'One of the two who agreed to it does that.' })
      if (!dueAt || dueAt.getTime() > Date.now()) throw new ProblemError('too_early', { due_at: dueAt?.toISOString() })
      await this.seconds.require(tx, access.who)
      await lockAccount(tx, accountId)
      await this.end(tx, id, 'done', access.who.id)
      await clearFactors(tx, accountId, null)
      const issued = await this.invitations.issue(tx, row.account, access.who.id)
      await this.alarm(tx, 'done', row)
      // Two agreed that there is one; one of them has it in their hand.
      const from = await this.given.wayIn(tx, row.account, handsOf(access.who))
      await access.grant({ factor: 'invitation', reason: 'reset by two administrators', fields: waitIn(from) })
      return issued
    }, access)
    this.outbox.kick()
    return link
  }

  async stop(access: Access, id: string, reason: string): Promise<void> {
    access.about({ reason })
    await this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      await this.open(tx, access, id)
      await this.end(tx, id, 'stopped', access.who.id)
      await access.grant()
    }, access)
  }

  /** The person themselves, from any of their sessions: they have not lost what others want to reset. */
  async cancelOwn(access: Access): Promise<void> {
    access.about({ subject: access.who.id })
    await this.cancel(access, eq(recoveries.accountId, access.who.id))
  }

  /** Whoever has the link of the notice. */
  async cancelByLink(access: Access, token: string): Promise<void> {
    const attempt = { factor: 'invitation', access } as const
    await this.attempts.begin(attempt)
    await this.cancel(access, eq(recoveries.cancelHash, hashOf(token)))
    await this.attempts.succeeded(attempt)
  }

  private async cancel(access: Access, which: SQL): Promise<void> {
    await this.store.serialisable(async (tx) => {
      const row = await this.find(tx, and(which, underWay), 'invitation_invalid')
      const { id, accountId, approvedBy } = row.recovery
      if (!access.known) access.about(actorFacts(row.account))
      access.about({ subject: accountId, record_id: id, reason: 'cancelled' })
      await this.end(tx, id, 'cancelled', accountId)
      if (approvedBy) await this.alarm(tx, 'cancelled', row)
      await access.grant()
    }, access)
    this.outbox.kick()
  }

  private async end(tx: Queries, id: string, state: 'done' | 'stopped' | 'cancelled', endedBy: string): Promise<void> {
    const ended = await tx
      .update(recoveries)
      .set({ state, endedBy, endedAt: new Date(), cancelHash: null })
      .where(and(eq(recoveries.id, id), underWay))
      .returning({ id: recoveries.id })
    if (!ended.length) throw new ProblemError('conflict')
  }

  /** One under way, of somebody else. */
  private async open(tx: Queries, access: Access, id: string, state?: 'asked' | 'waiting'): Promise<RecoveryRow> {
    const row = await this.find(tx, eq(recoveries.id, id))
    access.about({ subject: row.recovery.accountId, record_id: id })
    if (row.recovery.accountId === access.who.id) throw new ProblemError('own_account')
    if (!row.underWay || (state && row.recovery.state !== state)) throw new ProblemError('conflict')
    return row
  }

  private async find(
    tx: Queries,
    which: SQL | undefined,
    missing: 'not_found' | 'invitation_invalid' = 'not_found',
  ): Promise<RecoveryRow> {
    const [row] = await selectRecoveries(tx).where(which)
    if (!row) throw new ProblemError(missing)
    return row
  }

  private alarm(tx: Queries, step: Parameters<typeof alertOf>[0], row: RecoveryRow): Promise<void> {
    const { id, accountId: account } = row.recovery
    return this.outbox.putAlert(tx, { kind: 'raised', alert: alertOf(step, { ...namesIn(row), id, account }) })
  }

  /** The door's answer may be older than a freeze or a demotion; the transaction's is not. */
  private async requireStanding(tx: Queries, { who }: Access): Promise<void> {
    const [mine] = await tx
      .select({ role: accounts.role })
      .from(accounts)
      .where(and(eq(accounts.id, who.id), stillAllowed(who)))
    if (mine?.role !== who.role) throw new ProblemError('not_signed_in')
  }
}

/** How demo people sign in lies in a file: whoever has it and an account of their own would be two. */
function requireOfTheHouse({ who }: Access, { demo }: Pick<Account, 'demo'>): void {
  if (who.demo && !demo)
    throw new ProblemError('second_person_required', {
      detail: 'Administrators of the demonstration reset people of the demonstration alone.',
    })
}
