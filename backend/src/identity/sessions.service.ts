import { createHash, randomBytes } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { AccessEvent, AccountRecord, EventPlace, Measure, Role } from '@custodia/contracts'
import { and, desc, eq, gt, inArray, isNull, lte, max, ne, or, sql, type SQL } from 'drizzle-orm'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Caller, Origin } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import type { Database, Queries, RecordStore } from '../record-store/record-store.js'
import { rowsAsJson } from '../record-store/rows-as-json.js'
import { accounts, devices, freezes, outbox, passkeys, sessions } from '../record-store/schema.js'
import { CONFIG, type Config } from '../config.js'
import { callerOf } from './account.js'
import { FrozenService } from './frozen.service.js'
import { networkOf } from './network.js'

export const sessionCookie = '__Host-custodia'
const cookieOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const

type Moved = NonNullable<AccessEvent['moved']>
const dayMs = 86_400_000

/** Hash of the session's token in a request's cookie. */
export const sessionTokenOf = ({ cookies }: Pick<FastifyRequest, 'cookies'>): Buffer | undefined => {
  const token = cookies[sessionCookie]
  return token ? hashOf(token) : undefined
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** A caller with what the door must still check. */
export interface SessionCaller extends Caller {
  frozen?: typeof freezes.$inferSelect
  /** of the freeze; null: nothing is owed to the person any more */
  freezeCause: EventPlace | null
  /** in force below a freeze */
  measures: Measure[]
  hasTotp: boolean
  /** where the session began */
  began: { device: string; network: string }
}

export interface NewSession {
  accountId: string
  level: Caller['level']
  role: Role
  origin: Origin
  /** ends as this one begins: a session never outlives a change of level */
  previous?: string
}

export interface OpenedSession {
  id: string
  token: string
  newDevice: boolean
  /** how long at the longest */
  seconds: number
}

export type EndReason = 'signed_out' | 'revoked' | 'replaced' | 'frozen' | 'over_cap'

/** What the door looks at, as columns: a statement that has them tells the caller, whatever else it asks for. */
export const sessionColumns = {
  session: {
    id: sessions.id,
    level: sessions.level,
    newDevice: sessions.newDevice,
    device: sessions.device,
    network: sessions.network,
    lastSeenAt: sessions.lastSeenAt,
    endedAt: sessions.endedAt,
    endReason: sessions.endReason,
  },
  account: {
    id: accounts.id,
    username: accounts.username,
    displayName: accounts.displayName,
    role: accounts.role,
    team: accounts.team,
    branch: accounts.branch,
    demo: accounts.demo,
    drill: accounts.drill,
    totpConfirmed: accounts.totpConfirmed,
    freezeCause: accounts.freezeCause,
    measures: accounts.measures,
  },
  freezes: rowsAsJson(
    freezes,
    and(eq(freezes.id, accounts.freezeId), gt(accounts.frozenUntil, sql`now()`)),
    freezes.id,
  ),
}

/** Neither ended nor over by the clock. */
const isInUse = and(
  isNull(sessions.endedAt),
  gt(sessions.expiresAt, sql`now()`),
  gt(sessions.lastSeenAt, sql`now() - make_interval(mins => ${sessions.idleMinutes})`),
)

/** A session, joined with its account, that is not over by the clock or by a disabled account. */
const goesOn = and(
  gt(sessions.expiresAt, sql`now()`),
  gt(sessions.lastSeenAt, sql`now() - make_interval(mins => ${sessions.idleMinutes})`),
  eq(accounts.status, 'active'),
)
/** The one of the token. */
export const hasToken = and(eq(sessions.tokenHash, sql.placeholder('token')), goesOn)

/** A condition for what such a statement loads beside: nothing, where the session has ended or the account is frozen. */
export const inForce = and(
  isNull(sessions.endedAt),
  or(isNull(accounts.frozenUntil), lte(accounts.frozenUntil, sql`now()`)),
)

const sessionByToken = (db: Database) =>
  db
    .select(sessionColumns)
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .where(hasToken)
    .prepare('session_by_token')
type SessionRow = Awaited<ReturnType<ReturnType<typeof sessionByToken>['execute']>>[number]

/** Server-side sessions: a random token in a cookie, its hash in PostgreSQL, gone the moment the row says so. */
@Injectable()
export class SessionsService {
  private readonly byToken: ReturnType<typeof sessionByToken>

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly frozen: FrozenService,
  ) {
    this.byToken = sessionByToken(store.db)
  }

  /** The person behind the cookie, or `not_signed_in`. A session that a freeze ended still tells whose it was. */
  async callerOf(request: Pick<FastifyRequest, 'cookies'>): Promise<SessionCaller> {
    const caller = await this.find(request.cookies[sessionCookie])
    if (!caller) throw new ProblemError('not_signed_in')
    return caller
  }

  async find(token: string | undefined): Promise<SessionCaller | undefined> {
    if (!token) return undefined
    const [row] = await this.byToken.execute({ token: hashOf(token) })
    return this.callerIn(row)
  }

  /** The caller that a statement with `sessionColumns` and `hasToken` found. */
  async callerIn(row: SessionRow | undefined): Promise<SessionCaller | undefined> {
    const freeze = row?.freezes[0]
    if (!row || (row.session.endedAt && !(freeze && row.session.endReason === 'frozen'))) return undefined
    const { session, account } = row
    if (Date.now() - session.lastSeenAt.getTime() > 60_000)
      await this.store.db
        .update(sessions)
        .set({ lastSeenAt: sql`now()` })
        .where(eq(sessions.id, session.id))
    const { totpConfirmed: hasTotp, freezeCause } = account
    const measures = account.measures.filter(({ until }) => Date.parse(until) > Date.now())
    const masked = measures.some(({ kind }) => kind === 'mask')
    const began = { device: session.device, network: session.network }
    return { ...callerOf(account, session), masked, hasTotp, freezeCause, measures, frozen: freeze, began }
  }

  /** The session's cookie came from another browser or another network than the one it began in. */
  hasMoved(caller: SessionCaller, origin: Pick<Origin, 'ip' | 'device'>): boolean {
    const moved = this.movedSince(caller, origin)
    return moved.includes('device') || (this.config.sessions.boundToNetwork && moved.includes('network'))
  }

  /** What is not as it was when the session began. */
  movedSince({ began }: SessionCaller, { ip, device }: Pick<Origin, 'ip' | 'device'>): Moved {
    if (!began.network) return [] // from before sessions were bound
    const moved: Moved = []
    if (networkOf(ip) !== began.network) moved.push('network')
    if (device !== began.device) moved.push('device')
    return moved
  }

  /** Which of these are over: ended, expired, idle for too long, or of an account that is frozen or closed. */
  async overOf(ids: string[]): Promise<Set<string>> {
    const rows = await this.store.db
      .select({ id: sessions.id })
      .from(sessions)
      .innerJoin(accounts, eq(accounts.id, sessions.accountId))
      .where(and(inArray(sessions.id, ids), goesOn, inForce))
    const open = new Set(rows.map(({ id }) => id))
    return new Set(ids.filter((id) => !open.has(id)))
  }

  async requireUnfrozen(caller: SessionCaller): Promise<void> {
    if (caller.frozen) throw this.frozen.problem(caller.frozen)
  }

  async hasSecondFactor(caller: SessionCaller): Promise<boolean> {
    if (caller.hasTotp) return true
    const [passkey] = await this.store.db
      .select({ id: passkeys.id })
      .from(passkeys)
      .where(eq(passkeys.accountId, caller.id))
      .limit(1)
    return passkey !== undefined
  }

  /** Called by the admission of what a Passport strategy proved, and by nothing else. The token goes into the cookie only. */
  async open(tx: Queries, session: NewSession): Promise<OpenedSession> {
    const { accountId, level, role, origin, previous } = session
    const { idleMinutes, longestMinutes } = this.config.sessions.limitsOf(role)
    const token = randomBytes(32).toString('base64url')
    const id = uuidv7()
    const device = origin.device ?? ''
    if (previous) await this.end(tx, [previous], 'replaced')
    if (level === 'full') await this.keepToCap(tx, accountId)
    const newDevice = level === 'full' && (await this.remember(tx, accountId, device))
    await tx.insert(sessions).values({
      id,
      tokenHash: hashOf(token),
      accountId,
      level,
      device,
      newDevice,
      ip: origin.ip,
      network: networkOf(origin.ip),
      userAgent: origin.userAgent ?? '',
      idleMinutes,
      expiresAt: sql`now() + make_interval(mins => ${longestMinutes})`,
    })
    return { id, token, newDevice, seconds: longestMinutes * 60 }
  }

  /** Whole days since the account was last signed in, or since it was made. Asked before a sign-in opens its session. */
  async idleDays(tx: Queries, account: Pick<typeof accounts.$inferSelect, 'id' | 'createdAt'>): Promise<number> {
    const [last] = await tx
      .select({ seen: max(sessions.lastSeenAt) })
      .from(sessions)
      .where(and(eq(sessions.accountId, account.id), eq(sessions.level, 'full')))
    return Math.max(0, Math.floor((Date.now() - (last?.seen ?? account.createdAt).getTime()) / dayMs))
  }

  /** True when this account has not completed a sign-in from this browser before. */
  private async remember(tx: Queries, accountId: string, device: string): Promise<boolean> {
    const added = await tx.insert(devices).values({ accountId, device }).onConflictDoNothing().returning()
    return added.length > 0
  }

  async end(tx: Queries, ids: string[], reason: EndReason): Promise<void> {
    await this.endWhere(tx, inArray(sessions.id, ids), reason)
  }

  /** Makes room for one more: the oldest end. The account's row makes two sign-ins at once take turns. */
  private async keepToCap(tx: Queries, accountId: string): Promise<void> {
    const { cap } = this.config.sessions
    if (!cap) return
    await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, accountId)).for('update')
    const inUse = await tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.accountId, accountId), eq(sessions.level, 'full'), isInUse))
      .orderBy(desc(sessions.createdAt))
    const over = inUse.slice(cap - 1).map(({ id }) => id)
    if (over.length) await this.end(tx, over, 'over_cap')
  }

  /** Every other session of this person; returns their ids. */
  async endOthers(tx: Queries, { id, session }: Pick<Caller, 'id' | 'session'>): Promise<string[]> {
    return this.endWhere(tx, and(eq(sessions.accountId, id), ne(sessions.id, session)), 'revoked')
  }

  /** One session of this person, which may be the one that asks; false when there is none to end. */
  async endOne(tx: Queries, { id }: Pick<Caller, 'id'>, session: string): Promise<boolean> {
    const ended = await this.endWhere(tx, and(eq(sessions.accountId, id), eq(sessions.id, session)), 'revoked')
    return ended.length > 0
  }

  /** Sessions of this person that a request could still come with, the latest first. */
  async list({ id }: Pick<Caller, 'id'>): Promise<(typeof sessions.$inferSelect)[]> {
    return this.store.db
      .select()
      .from(sessions)
      .where(and(eq(sessions.accountId, id), eq(sessions.level, 'full'), isInUse))
      .orderBy(desc(sessions.lastSeenAt))
  }

  /** Ends every session of an account in the given transaction; returns their ids. */
  async endAll(tx: Queries, accountId: string, reason: EndReason): Promise<string[]> {
    return this.endWhere(tx, eq(sessions.accountId, accountId), reason)
  }

  private async endWhere(tx: Queries, condition: SQL | undefined, reason: EndReason): Promise<string[]> {
    const ended = await tx
      .update(sessions)
      .set({ endedAt: sql`now()`, endReason: reason })
      .where(and(condition, isNull(sessions.endedAt)))
      .returning({ id: sessions.id, account: sessions.accountId, level: sessions.level })
    // A freeze tells the gateways itself; a session of the first factor alone has neither sockets nor downloads.
    if (reason !== 'frozen')
      await this.announce(
        tx,
        ended.filter((session) => session.level === 'full'),
      )
    return ended.map((session) => session.id)
  }

  /** Every gateway hears that these are over, and cuts their sockets and what is still on its way to them. */
  private async announce(tx: Queries, ended: { id: string; account: string }[]): Promise<void> {
    const at = new Date().toISOString()
    for (const account of new Set(ended.map((session) => session.account))) {
      const mine = ended.filter((session) => session.account === account).map(({ id }) => id)
      const value: AccountRecord = { kind: 'sessions_revoked', account, sessions: mine, at }
      await tx.insert(outbox).values({ topic: 'accounts', key: account, value })
    }
  }

  setCookie(reply: FastifyReply, { token, seconds }: OpenedSession): void {
    void reply.setCookie(sessionCookie, token, { ...cookieOptions, maxAge: seconds })
  }

  clearCookie(reply: FastifyReply): void {
    void reply.clearCookie(sessionCookie, cookieOptions)
  }
}
