import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, Invitation, Person, SignInDoor, routes } from '@custodia/contracts'
import { and, eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { newAccount, type Account } from '../identity/account.js'
import { addressesOf, newAddress } from '../identity/address.js'
import { Administrators } from '../identity/administrators.js'
import { InvitationsService } from '../identity/invitations.service.js'
import { endSessionsOf } from '../identity/session-ends.js'
import { Letters } from '../notices/letters.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { GivenRights, waitIn } from '../power/given-rights.js'
import { handsOf } from '../power/told.js'
import { lockAccount } from '../response/account-lock.js'
import { OutboxService } from '../response/outbox.service.js'
import { loadPerson } from '../triage/person-rows.js'
import { StaffTraits } from '../vault/relations/staff-traits.js'
import { letterOf } from './told.js'

type Change = Omit<InputOf<typeof routes.accountUpdate>['body'], 'reason'>

/** What decides what a person may do; a change of it ends their sessions. */
const rights = ['role', 'team', 'branch', 'status', 'door'] as const

/** Adds people and changes what they may do. Nobody takes their own rights away, one administrator who can come in always stays, and nobody makes another alone. */
@Injectable()
export class AccountsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly invitations: InvitationsService,
    private readonly outbox: OutboxService,
    private readonly traits: StaffTraits,
    private readonly administrators: Administrators,
    private readonly letters: Letters,
    private readonly given: GivenRights,
  ) {}

  async create(
    access: Access,
    { body }: InputOf<typeof routes.accountCreate>,
  ): Promise<Person & Partial<Pick<Invitation, 'link'>>> {
    const { username, display_name: displayName, role, team, branch, break_glass: breakGlass, door, email } = body
    this.requireDoor({ breakGlass, door })
    const person = { username, displayName, role, team, branch, passwordHash: null, breakGlass, door, email }
    // An administrator is opened by whoever confirms the role (changes of power), and invited then.
    const status = role === 'admin' ? ('disabled' as const) : ('active' as const)
    const account = { ...newAccount(person), status }
    const told = [...(email ? ['email'] : []), ...traitsIn(body)]
    const fields = ['username', 'display_name', ...rights, ...told]
    access.about({ subject: account.id, fields })
    const reply = await this.store.db.transaction(async (tx) => {
      await this.requireStanding(tx, access)
      const made = await tx.insert(accounts).values(account).onConflictDoNothing().returning({ id: accounts.id })
      if (!made.length) throw new ProblemError('conflict', { detail: 'This user name is taken.' })
      await this.tell(tx, account, body)
      const from = await this.given.changed(tx, { before: undefined, after: account, by: handsOf(access.who) })
      const invited = door === 'password' && status === 'active'
      const invitation = invited ? await this.invitations.issue(tx, account, access.who.id) : undefined
      await access.grant({ fields: [...fields, ...waitIn(from)] })
      return { ...(await loadPerson(tx, account.id)), link: invitation?.link }
    })
    this.outbox.kick()
    return reply
  }

  async invite(access: Access, { params }: InputOf<typeof routes.accountInvite>): Promise<Invitation> {
    access.about({ subject: params.id, factor: 'invitation' })
    return this.store.db.transaction(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await lockAccount(tx, params.id)
      const invitation = await this.invitations.issue(tx, account, access.who.id)
      const from = await this.given.wayIn(tx, account, handsOf(access.who))
      await access.grant({ reason: 'invited', fields: waitIn(from) })
      return invitation
    })
  }

  async uninvite(access: Access, { params }: InputOf<typeof routes.accountUninvite>): Promise<void> {
    access.about({ subject: params.id, factor: 'invitation' })
    await this.store.db.transaction(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await lockAccount(tx, params.id)
      if (!(await this.invitations.revoke(tx, account.id))) throw new ProblemError('not_found')
      await access.grant({ reason: 'revoked' })
    })
  }

  async update(
    access: Access,
    { params, body: { reason, ...body } }: InputOf<typeof routes.accountUpdate>,
  ): Promise<Person> {
    const fields = [...Object.keys(rowOf(body)), ...traitsIn(body)]
    access.about({ subject: params.id, reason, fields })
    const [before, person] = await this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await lockAccount(tx, params.id)
      const sealsOwn = body.break_glass !== undefined && body.break_glass !== account.breakGlass
      if (account.id === access.who.id && (sealsOwn || isChange(account, body, ['role', 'status', 'door'])))
        throw new ProblemError('own_account')
      if (isChange(account, body, ['role', 'status', 'door'])) await this.administrators.requireAnother(tx, account)
      if (isAdministrator({ ...account, ...body }) && !isAdministrator(account))
        throw new ProblemError('second_person_required', { detail: 'Propose it: another administrator confirms it.' })
      const { display_name: displayName, break_glass: breakGlass, manager: managerId, email, ...rest } = rowOf(body)
      const moves = rest.door !== undefined && rest.door !== account.door
      if (moves || breakGlass)
        this.requireDoor({ breakGlass: breakGlass ?? account.breakGlass, door: rest.door ?? account.door })
      if (managerId) await this.requireManager(tx, account.id, managerId)
      if (Object.keys(rowOf(body)).length)
        await tx
          .update(accounts)
          .set({
            ...rest,
            displayName,
            breakGlass,
            managerId,
            ...newAddress(account, email),
            ...(moves ? { passwordHash: null, doorSubject: null } : {}),
          })
          .where(eq(accounts.id, account.id))
      if (moves) await this.invitations.revoke(tx, account.id)
      await this.tell(tx, { id: account.id, displayName: displayName ?? account.displayName }, body)
      const { role = account.role, status = account.status, branch = account.branch, door = account.door } = body
      const after = { ...account, role, status, branch, door }
      const from = await this.given.changed(tx, { before: account, after, by: handsOf(access.who) })
      if (isChange(account, body, rights)) await endSessionsOf(tx, account.id, 'revoked')
      await access.grant({ fields: [...fields, ...waitIn(from)] })
      return [account, await loadPerson(tx, account.id)] as const
    }, access)
    this.outbox.kick()
    await this.tellPerson(before, body, access.who.displayName)
    return person
  }

  async revoke(access: Access, { params }: InputOf<typeof routes.accountRevoke>): Promise<void> {
    access.about({ subject: params.id })
    await this.store.db.transaction(async (tx) => {
      await this.requireStanding(tx, access)
      const account = await lockAccount(tx, params.id)
      const ended = await endSessionsOf(tx, account.id, 'revoked')
      await access.grant({ count: ended.length, reason: 'revoked' })
    })
    this.outbox.kick()
  }

  /** What relatives and colleagues are known by: the family name counts beside the rest. */
  private async tell(tx: Queries, { id, displayName: name }: Pick<Account, 'id' | 'displayName'>, body: Change) {
    if (traitsIn(body).length || body.display_name !== undefined)
      await this.traits.put(tx, id, { name, ...body.traits })
  }

  /** The door's answer may be older than a freeze or a revocation; the transaction's is not. */
  private async requireStanding(tx: Queries, access: Access): Promise<void> {
    const [mine] = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(eq(accounts.id, access.who.id), stillAllowed(access.who)))
    if (!mine) throw new ProblemError('not_signed_in')
  }

  /** At the address that was on file before; where no mail can be sent, the event is all there is. */
  private async tellPerson(before: Account, { door, email }: Change, by: string): Promise<void> {
    const addresses = addressesOf(before)
    if (door !== undefined && door !== before.door) await this.letters.write(addresses, letterOf('door', by))
    if (email !== undefined && email !== before.email) await this.letters.write(addresses, letterOf('email', by))
  }

  /** One that is there; a sealed account is for the day when the other does not open. */
  private requireDoor({ breakGlass, door }: { breakGlass: boolean; door: SignInDoor }): void {
    if (door !== 'password' && !this.config[door])
      throw new ProblemError('conflict', {
        detail: 'This way to sign in is not set up here: nobody could come in by it.',
      })
    if (breakGlass && door !== 'password')
      throw new ProblemError('conflict', {
        detail: 'An account that is sealed for emergencies needs a password of its own.',
      })
  }

  /** Nobody reviews themself. */
  private async requireManager(tx: Queries, id: string, managerId: string): Promise<void> {
    const [manager] = await tx.select().from(accounts).where(eq(accounts.id, managerId))
    if (manager?.role !== 'manager' || manager.id === id)
      throw new ProblemError('invalid_input', {
        errors: [{ path: 'body.manager', message: 'is not another person who is manager' }],
      })
  }
}

const rowOf = ({ traits: _, ...row }: Change) => row

/** As they are called in a customer's record, and in every event. */
const namesOf = { id_number: 'id_number', phones: 'phone', addresses: 'address' } as const
const traitsIn = ({ traits = {} }: Change): string[] =>
  (['id_number', 'phones', 'addresses'] as const)
    .filter((trait) => traits[trait] !== undefined)
    .map((trait) => namesOf[trait])

const isChange = (account: Account, change: Change, fields: readonly (typeof rights)[number][]): boolean =>
  fields.some((field) => change[field] !== undefined && change[field] !== account[field])

const isAdministrator = ({ role, status }: Pick<Account, 'role' | 'status'>): boolean =>
  role === 'admin' && status === 'active'
