import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, Invitation, Person, routes } from '@custodia/contracts'
import { and, eq, or } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { newAccount, type Account } from '../identity/account.js'
import { InvitationsService } from '../identity/invitations.service.js'
import { SessionsService } from '../identity/sessions.service.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { loadPerson } from '../triage/person-rows.js'

type Change = InputOf<typeof routes.accountUpdate>['body']

/** What decides what a person may do; a change of it ends their sessions. */
const rights = ['role', 'team', 'branch', 'status'] as const

/** Adds people and changes what they may do. Nobody takes their own rights away, and one administrator always stays. */
@Injectable()
export class AccountsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly invitations: InvitationsService,
    private readonly sessions: SessionsService,
    private readonly outbox: OutboxService,
  ) {}

  async create(
    access: Access,
    { body }: InputOf<typeof routes.accountCreate>,
  ): Promise<Person & Pick<Invitation, 'link'>> {
    const { username, display_name: displayName, role, team, branch, break_glass: breakGlass } = body
    const account = newAccount({ username, displayName, role, team, branch, passwordHash: null, breakGlass })
    access.about({ subject: account.id, fields: ['username', 'display_name', ...rights] })
    return this.store.db.transaction(async (tx) => {
      await this.requireStanding(tx, access)
      const made = await tx.insert(accounts).values(account).onConflictDoNothing().returning({ id: accounts.id })
      if (!made.length) throw new ProblemError('conflict', { detail: 'This user name is taken.' })
      const { link } = await this.invitations.issue(tx, account, access.who.id)
      await access.grant()
      return { ...(await loadPerson(tx, account.id)), link }
    })
  }

  async invite(access: Access, { params }: InputOf<typeof routes.accountInvite>): Promise<Invitation> {
    access.about({ subject: params.id, factor: 'invitation' })
    return this.store.db.transaction(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await this.lock(tx, params.id)
      const invitation = await this.invitations.issue(tx, account, access.who.id)
      await access.grant({ reason: 'invited' })
      return invitation
    })
  }

  async uninvite(access: Access, { params }: InputOf<typeof routes.accountUninvite>): Promise<void> {
    access.about({ subject: params.id, factor: 'invitation' })
    await this.store.db.transaction(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await this.lock(tx, params.id)
      if (!(await this.invitations.revoke(tx, account.id))) throw new ProblemError('not_found')
      await access.grant({ reason: 'revoked' })
    })
  }

  async update(access: Access, { params, body }: InputOf<typeof routes.accountUpdate>): Promise<Person> {
    access.about({ subject: params.id, fields: Object.keys(body) })
    const person = await this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await this.lock(tx, params.id)
      const losesAdmin = account.role === 'admin' && isChange(account, body, ['role', 'status'])
      const sealsOwn = body.break_glass !== undefined && body.break_glass !== account.breakGlass
      if (account.id === access.who.id && (sealsOwn || isChange(account, body, ['role', 'status'])))
        throw new ProblemError('own_account')
      if (losesAdmin && !(await this.isAnotherAdmin(tx, account.id))) throw new ProblemError('last_administrator')
      const { display_name: displayName, break_glass: breakGlass, ...rest } = body
      if (Object.keys(body).length)
        await tx
          .update(accounts)
          .set({ ...rest, displayName, breakGlass })
          .where(eq(accounts.id, account.id))
      if (isChange(account, body, rights)) await this.sessions.endAll(tx, account.id, 'revoked')
      await access.grant()
      return loadPerson(tx, account.id)
    }, access)
    this.outbox.kick()
    return person
  }

  async revoke(access: Access, { params }: InputOf<typeof routes.accountRevoke>): Promise<void> {
    access.about({ subject: params.id })
    await this.store.db.transaction(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await this.lock(tx, params.id)
      const ended = await this.sessions.endAll(tx, account.id, 'revoked')
      await access.grant({ count: ended.length, reason: 'revoked' })
    })
    this.outbox.kick()
  }

  /** The door's answer may be older than a freeze or a revocation; the transaction's is not. */
  private async requireStanding(tx: Queries, access: Access): Promise<void> {
    const [mine] = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(eq(accounts.id, access.who.id), stillAllowed(access.who)))
    if (!mine) throw new ProblemError('not_signed_in')
  }

  /** All administrators with the person, in one order: of two changes or freezes that race, the second sees the first. */
  private async lock(tx: Queries, id: string): Promise<Account> {
    const rows = await tx
      .select()
      .from(accounts)
      .where(or(eq(accounts.id, id), eq(accounts.role, 'admin')))
      .orderBy(accounts.id)
      .for('update')
    const account = rows.find((row) => row.id === id)
    if (!account) throw new ProblemError('not_found')
    return account
  }

  /** One who can sign in now: a frozen administrator cannot help anybody. */
  private async isAnotherAdmin(tx: Queries, id: string): Promise<boolean> {
    const admins = await tx
      .select({ id: accounts.id, frozenUntil: accounts.frozenUntil })
      .from(accounts)
      .where(and(eq(accounts.role, 'admin'), eq(accounts.status, 'active')))
    return admins.some((admin) => admin.id !== id && !(admin.frozenUntil && admin.frozenUntil.getTime() > Date.now()))
  }
}

const isChange = (account: Account, change: Change, fields: readonly (typeof rights)[number][]): boolean =>
  fields.some((field) => change[field] !== undefined && change[field] !== account[field])
