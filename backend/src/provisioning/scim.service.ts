import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, scimRoutes } from '@custodia/contracts'
import { and, asc, count, eq, type SQL } from 'drizzle-orm'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { Account } from '../identity/account.js'
import { tokenHands, type Hands } from '../power/told.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts, sessions } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { Movers } from './movers.service.js'
import { listOf } from './scim-documents.js'
import { conditionOf } from './scim-filter.js'
import { asResource, patched, readUser, type WantedPerson } from './scim-user.js'

type Resource = Record<string, unknown>

/** Sealed accounts are for the day when the personnel system is wrong, too: it neither sees nor closes them. */
const visible = and(eq(accounts.breakGlass, false), eq(accounts.demo, false), eq(accounts.drill, false))

/** RFC 7644's operations on people. */
@Injectable()
export class ScimService {
  private readonly base: string

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly movers: Movers,
    private readonly outbox: OutboxService,
  ) {
    this.base = `${config.http.origin}/api/v1/scim/v2`
  }

  async list(access: Access, { query }: InputOf<typeof scimRoutes.scimUsers>): Promise<Resource> {
    const { db } = this.movers.store
    const where = and(visible, stillAllowed(access.who), conditionOf(query.filter))
    const [found] = await db.select({ total: count() }).from(accounts).where(where)
    const rows = await db
      .select()
      .from(accounts)
      .where(where)
      .orderBy(asc(accounts.id))
      .limit(query.count)
      .offset(query.startIndex - 1)
    await access.grant({ count: rows.length, record_ids: rows.slice(0, 100).map(({ id }) => id) })
    const resources = rows.map((row) => asResource(row, this.base))
    return listOf(resources, found?.total ?? 0, query.startIndex)
  }

  async get(access: Access, id: string): Promise<Resource> {
    access.about({ subject: id })
    const account = await this.find(this.movers.store.db, access, eq(accounts.id, id))
    await access.grant()
    return asResource(account, this.base)
  }

  async create(access: Access, given: unknown): Promise<Resource> {
    const { active = true, role = 'staff', team = '', branch = '', traits, ...person } = readUser(given)
    const account = await this.movers.store.serialisable(async (tx) => {
      const joiner = { ...person, role, team, branch, externalId: person.externalId }
      const made = await this.movers.join(tx, joiner, traits, await handsOf(tx, access))
      access.about({
        subject: made.id,
        reason: 'joined',
        fields: ['username', 'display_name', 'role', 'team', 'branch'],
      })
      if (!active) await tx.update(accounts).set({ status: 'disabled' }).where(eq(accounts.id, made.id))
      await access.grant()
      return { ...made, status: active ? ('active' as const) : ('disabled' as const) }
    }, access)
    this.outbox.kick()
    return asResource(account, this.base)
  }

  replace(access: Access, id: string, given: unknown): Promise<Resource> {
    return this.change(access, id, () => readUser(given))
  }

  patch(access: Access, id: string, body: unknown): Promise<Resource> {
    return this.change(access, id, (account) => patched(account, body))
  }

  async remove(access: Access, id: string): Promise<void> {
    await this.change(access, id, (account) => ({ ...unchanged(account), active: false }))
  }

  private async change(access: Access, id: string, wantedOf: (account: Account) => WantedPerson): Promise<Resource> {
    access.about({ subject: id })
    const { account, left } = await this.movers.brake.watch('scim', () => this.carryOut(access, id, wantedOf))
    this.outbox.kick(...(left && left !== 'closed' ? [{ kind: 'frozen' as const, freeze: left }] : []))
    return asResource(account, this.base)
  }

  private carryOut(access: Access, id: string, wantedOf: (account: Account) => WantedPerson) {
    return this.movers.store.serialisable(async (tx) => {
      const before = await this.find(tx, access, eq(accounts.id, id))
      const { active, role, team, branch, traits, ...rest } = wantedOf(before)
      const rights = { ...(this.movers.givesRole(before) ? { role } : {}), team, branch }
      const known = Object.fromEntries(
        Object.entries({ ...rest, ...rights }).filter(([, value]) => value !== undefined),
      )
      const hands = await handsOf(tx, access)
      await this.movers.change(tx, before, known, hands)
      const told = await this.movers.tell(tx, before, traits)
      const leaves = active === false && before.status === 'active'
      const freeze = leaves ? await this.movers.leave(tx, id, access.who.id, hands) : undefined
      if (active && before.status === 'disabled') await this.movers.comeBack(tx, id, access.who.id, hands)
      await access.grant({ fields: [...Object.keys(known), ...told, 'active'], reason: leaves ? 'left' : undefined })
      // Not asked again for who asks: they may have closed the account that owns their own token.
      const [after = before] = await tx.select().from(accounts).where(eq(accounts.id, id))
      return { account: after, left: freeze }
    }, access)
  }

  private async find(tx: Queries, access: Access, condition: SQL): Promise<Account> {
    const [account] = await tx
      .select()
      .from(accounts)
      .where(and(condition, visible, stillAllowed(access.who)))
    if (!account) throw new ProblemError('not_found')
    return account
  }
}

/** Whose token it is, and what they called it. */
async function handsOf(tx: Queries, { who }: Access): Promise<Hands> {
  const [token] = await tx.select({ name: sessions.tokenName }).from(sessions).where(eq(sessions.id, who.session))
  return tokenHands(who, token?.name ?? '')
}

const unchanged = ({ username, displayName }: Account): Omit<WantedPerson, 'active'> => ({
  username,
  displayName,
  externalId: undefined,
  role: undefined,
  team: undefined,
  branch: undefined,
  traits: {},
})
