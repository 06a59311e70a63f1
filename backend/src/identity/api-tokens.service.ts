import { Inject, Injectable } from '@nestjs/common'
import {
  TokenScope,
  type ApiToken,
  type InputOf,
  type Permission,
  type ReplyOf,
  type RouteSpec,
  type tokenRoutes,
} from '@custodia/contracts'
import { and, desc, eq, gt, isNotNull, isNull, sql, type SQL } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import type { Caller } from '../gateway/caller.js'
import { mayEver } from '../gateway/policy.js'
import { ProblemError } from '../gateway/problem.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, sessions } from '../record-store/schema.js'
import { endToken } from './session-ends.js'
import { TokenPace } from './token-pace.js'
import { hashOfToken, makeToken } from './token-secret.js'

/** Which permission of its owner a scope passes on. */
const passesOn = (scope: TokenScope): Permission => (scope === 'scim' ? 'account.manage' : scope)

/**
 * API tokens. Each is a session that lasts, narrowed to its scopes: a freeze, a closed account and a change of rights end it
 * like every other session of its owner, and what it may do is asked of its owner's role at each use.
 */
@Injectable()
export class ApiTokensService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly pace: TokenPace,
  ) {}

  /** Refuses what this token was not made for; the owner's role is judged as ever. */
  admit({ scopes, session }: Pick<Caller, 'scopes' | 'session'>, route: RouteSpec): void {
    if (!scopes) {
      if (route.door === 'token') throw new ProblemError('token_invalid')
      return
    }
    this.pace.take(session)
    const asked = TokenScope.safeParse(route.scope ?? route.needs).data
    // No use of a token goes unwritten.
    if (!asked || !scopes.includes(asked) || !route.event) throw new ProblemError('not_allowed')
  }

  async mine(access: Access): Promise<ReplyOf<typeof tokenRoutes.myTokens>> {
    const rows = await this.find(and(eq(sessions.accountId, access.who.id)))
    await access.grant({ fields: ['api_tokens'], count: rows.length, subject: access.who.id })
    const scopes = TokenScope.options.filter((scope) => mayEver(access.who, passesOn(scope)))
    return { items: rows.map(asToken), scopes }
  }

  async all(access: Access): Promise<ReplyOf<typeof tokenRoutes.tokens>> {
    const rows = await this.find(and(isNull(sessions.endedAt), gt(sessions.expiresAt, sql`now()`)))
    await access.grant({ fields: ['api_tokens'], count: rows.length })
    return {
      items: rows.map((row) => ({ ...asToken(row), owner: { id: row.accountId, display_name: row.ownerName } })),
    }
  }

  async create(
    access: Access,
    { body }: InputOf<typeof tokenRoutes.myTokenCreate>,
  ): Promise<ReplyOf<typeof tokenRoutes.myTokenCreate>> {
    const { who } = access
    const id = uuidv7()
    access.about({ subject: who.id, record_id: id, reason: 'api token created', fields: body.scopes })
    if (!body.scopes.every((scope) => mayEver(who, passesOn(scope)))) throw new ProblemError('not_allowed')
    const token = makeToken()
    const expiresAt = new Date(Date.now() + body.days * 86_400_000)
    await this.store.db.transaction(async (tx) => {
      const [still] = await tx
        .select({ id: accounts.id })
        .from(accounts)
        .where(and(eq(accounts.id, who.id), stillAllowed(who)))
        .for('share')
      if (!still) throw new ProblemError('not_signed_in')
      await tx.insert(sessions).values({
        id,
        tokenHash: hashOfToken(token),
        accountId: who.id,
        level: 'full',
        scopes: [...new Set(body.scopes)],
        tokenName: body.name,
        device: '',
        ip: access.origin.ip,
        idleMinutes: body.days * 1440,
        expiresAt,
      })
      await access.grant()
    })
    return { id, token, expires_at: expiresAt.toISOString() }
  }

  /** One's own, or as an administrator anybody's. */
  async revoke(access: Access, id: string, owner?: Pick<Caller, 'id'>): Promise<void> {
    access.about({ record_id: id, reason: 'api token revoked' })
    await this.store.db.transaction(async (tx) => {
      const ended = await endToken(tx, id, owner)
      if (!ended) throw new ProblemError('not_found')
      await access.grant({ subject: ended })
    })
  }

  private find(condition: SQL | undefined) {
    return this.store.db
      .select({ ...tokenColumns, ownerName: accounts.displayName })
      .from(sessions)
      .innerJoin(accounts, eq(accounts.id, sessions.accountId))
      .where(and(isNotNull(sessions.scopes), condition))
      .orderBy(desc(sessions.createdAt))
      .limit(500)
  }
}

const tokenColumns = {
  id: sessions.id,
  accountId: sessions.accountId,
  tokenName: sessions.tokenName,
  scopes: sessions.scopes,
  createdAt: sessions.createdAt,
  lastSeenAt: sessions.lastSeenAt,
  expiresAt: sessions.expiresAt,
  endedAt: sessions.endedAt,
  endReason: sessions.endReason,
}
type TokenRow = Pick<typeof sessions.$inferSelect, keyof typeof tokenColumns>

const asToken = (row: TokenRow): ApiToken => ({
  id: row.id,
  name: row.tokenName ?? '',
  scopes: row.scopes ?? [],
  created_at: row.createdAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
  last_used_at: row.lastSeenAt > row.createdAt ? row.lastSeenAt.toISOString() : undefined,
  ended_at: row.endedAt?.toISOString(),
  ended_by: row.endedAt ? (row.endReason === 'frozen' ? 'frozen' : 'revoked') : undefined,
})
