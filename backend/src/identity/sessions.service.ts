import { randomBytes } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { AccessEvent, EventPlace, Measure, Role } from '@custodia/contracts'
import { and, desc, eq, inArray, isNull, max, sql, type SQL } from 'drizzle-orm'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Caller, Origin } from '../gateway/caller.js'
import { Policies } from '../gateway/policies.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, devices, passkeys, sessions, type freezes } from '../record-store/schema.js'
import { CONFIG, type Config } from '../config.js'
import { callerOf } from './account.js'
import { credentialOf, hasBearer, hashOf, hashOfCookie, sessionCookie } from './credential.js'
import { FrozenService } from './frozen.service.js'
import { networkOf } from './network.js'
import { endSessions } from './session-ends.js'
import { goesOn, inForce, isInUse, sessionByToken, type SessionRow } from './session-statements.js'

const cookieOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const

type Moved = NonNullable<AccessEvent['moved']>
const dayMs = 86_400_000

/** A caller with what the door must still check. */
export interface SessionCaller extends Caller {
  frozen?: typeof freezes.$inferSelect
  /** of the freeze; null: nothing is owed to the person any more */
  freezeCause: EventPlace | null
  /** in force below a freeze */
  measures: Measure[]
  hasTotp: boolean
  /** where and when the session began */
  began: { device: string; network: string; at: Date }
}

export interface NewSession {
  accountId: string
  level: Caller['level']
  role: Role
  origin: Origin
  /** ends as this one begins: a session never outlives a change of level */
  previous?: string
  /** how long it lasts, where it is less than the role's */
  minutes?: number
  /** what the OpenID provider calls its own, where it told one just now */
  providerSid?: string | undefined
}

export interface OpenedSession {
  id: string
  token: string
  newDevice: boolean
  /** how long at the longest */
  seconds: number
}

/** Server-side sessions: a random token in a cookie, its hash in PostgreSQL, gone the moment the row says so. */
@Injectable()
export class SessionsService {
  private readonly byToken: ReturnType<typeof sessionByToken>

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly frozen: FrozenService,
    private readonly policies: Policies,
  ) {
    this.byToken = sessionByToken(store.db)
  }

  /** The person behind cookie or API token, or `not_signed_in`. A session that a freeze ended still tells whose it was. */
  async callerOf(request: Pick<FastifyRequest, 'cookies' | 'headers'>): Promise<SessionCaller> {
    const caller = await this.findByHash(credentialOf(request))
    if (!caller) throw notKnown(request)
    return caller
  }

  /** By the cookie alone. */
  async find(cookie: string | undefined): Promise<SessionCaller | undefined> {
    return this.findByHash(hashOfCookie(cookie))
  }

  private async findByHash(token: Buffer | undefined): Promise<SessionCaller | undefined> {
    const [row] = token ? await this.byToken.execute({ token }) : []
    return this.callerIn(row)
  }

  /** The caller that a statement with `sessionColumns` and `hasToken` found. */
  async callerIn(row: SessionRow | undefined): Promise<SessionCaller | undefined> {
    const freeze = row?.freezes[0]
    if (!row || (row.session.endedAt && !(freeze && row.session.endReason === 'frozen'))) return undefined
    const { session, account } = row
    if (session.scopes && this.isForgotten(account)) return undefined
    // by the minute, but a token's first use at once: it may be its last
    const isFirst = session.scopes !== null && session.lastSeenAt <= session.createdAt
    if (isFirst || Date.now() - session.lastSeenAt.getTime() > 60_000)
      await this.store.db
        .update(sessions)
        .set({ lastSeenAt: sql`now()` })
        .where(eq(sessions.id, session.id))
    const { totpConfirmed: hasTotp, freezeCause } = account
    const measures = account.measures.filter(({ until }) => Date.parse(until) > Date.now())
    const masked = measures.some(({ kind }) => kind === 'mask')
    const policy = await this.policies.at(row.policyVersion)
    const began = { device: session.device, network: session.network, at: session.createdAt }
    return {
      ...callerOf(account, { ...session, policy }),
      masked,
      hasTotp,
      freezeCause,
      measures,
      frozen: freeze,
      began,
    }
  }

  /** Whoever has long not come by the provider may have left there: their programs wait until they come again. */
  private isForgotten({ door, vouchedAt, createdAt }: SessionRow['account']): boolean {
    const { tokenDays } = this.config.oidc ?? {}
    if (door !== 'oidc' || !tokenDays) return false
    return Date.now() - (vouchedAt ?? createdAt).getTime() > tokenDays * dayMs
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
    const providerSid = session.providerSid ?? (previous && (await this.providerSidOf(tx, previous, accountId)))
    const { idleMinutes, longestMinutes: usual } = this.config.sessions.limitsOf(role)
    const longestMinutes = Math.min(usual, session.minutes ?? usual)
    const token = randomBytes(32).toString('base64url')
    const id = uuidv7()
    const device = origin.device ?? ''
    if (previous) await endSessions(tx, [previous], 'replaced')
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
      providerSid,
      expiresAt: sql`least(now() + make_interval(mins => ${longestMinutes}), ${this.recheckAt(accountId)})`,
    })
    return { id, token, newDevice, seconds: longestMinutes * 60 }
  }

  /** When the provider must have vouched for this person again; null for everybody who does not come by one. */
  private recheckAt(accountId: string): SQL {
    const { recheckMinutes } = this.config.oidc ?? {}
    if (!recheckMinutes) return sql`null`
    return sql`(select ${accounts.vouchedAt} + make_interval(mins => ${recheckMinutes}) from ${accounts}
      where ${accounts.id} = ${accountId} and ${accounts.door} = 'oidc')`
  }

  /** Carried along as a session takes the place of another of the same person. */
  private async providerSidOf(tx: Queries, id: string, accountId: string): Promise<string | undefined> {
    const [row] = await tx
      .select({ sid: sessions.providerSid })
      .from(sessions)
      .where(and(eq(sessions.id, id), eq(sessions.accountId, accountId)))
    return row?.sid ?? undefined
  }

  /** Whole days since the account was last signed in, or since it was made. Asked before a sign-in opens its session. */
  async idleDays(tx: Queries, account: Pick<typeof accounts.$inferSelect, 'id' | 'createdAt'>): Promise<number> {
    const [last] = await tx
      .select({ seen: max(sessions.lastSeenAt) })
      .from(sessions)
      .where(and(eq(sessions.accountId, account.id), eq(sessions.level, 'full'), isNull(sessions.scopes)))
    return Math.max(0, Math.floor((Date.now() - (last?.seen ?? account.createdAt).getTime()) / dayMs))
  }

  /** True when this account has not completed a sign-in from this browser before. */
  private async remember(tx: Queries, accountId: string, device: string): Promise<boolean> {
    const added = await tx.insert(devices).values({ accountId, device }).onConflictDoNothing().returning()
    return added.length > 0
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
    if (over.length) await endSessions(tx, over, 'over_cap')
  }

  /** Sessions of this person that a request could still come with, the latest first. */
  async list({ id }: Pick<Caller, 'id'>): Promise<(typeof sessions.$inferSelect)[]> {
    return this.store.db
      .select()
      .from(sessions)
      .where(and(eq(sessions.accountId, id), eq(sessions.level, 'full'), isInUse))
      .orderBy(desc(sessions.lastSeenAt))
  }

  setCookie(reply: FastifyReply, { token, seconds }: OpenedSession): void {
    void reply.setCookie(sessionCookie, token, { ...cookieOptions, maxAge: seconds })
  }

  clearCookie(reply: FastifyReply): void {
    void reply.clearCookie(sessionCookie, cookieOptions)
  }
}

/** A program that shows a token is told that the token is wrong, a browser to sign in. */
export const notKnown = (request: Pick<FastifyRequest, 'headers'>): ProblemError =>
  new ProblemError(hasBearer(request) ? 'token_invalid' : 'not_signed_in')
