import { createHash, randomBytes } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import { and, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Caller, Origin } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, devices, freezes, passkeys, sessions } from '../record-store/schema.js'
import { FrozenService } from './frozen.service.js'

export const sessionCookie = '__Host-custodia'
const absoluteHours = 12
const idleMinutes = 60

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** A caller with what the door must still check. */
export interface SessionCaller extends Caller {
  frozen?: typeof freezes.$inferSelect
  hasTotp: boolean
}

/** Server-side sessions: a random token in a cookie, its hash in PostgreSQL, gone the moment the row says so. */
@Injectable()
export class SessionsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly frozen: FrozenService,
  ) {}

  /** The person behind the cookie, or `not_signed_in`. A session that a freeze ended still tells whose it was. */
  async callerOf(request: Pick<FastifyRequest, 'cookies'>): Promise<SessionCaller> {
    const caller = await this.find(request.cookies[sessionCookie])
    if (!caller) throw new ProblemError('not_signed_in')
    return caller
  }

  async find(token: string | undefined): Promise<SessionCaller | undefined> {
    if (!token) return undefined
    const [row] = await this.store.db
      .select({ session: sessions, account: accounts, freeze: freezes })
      .from(sessions)
      .innerJoin(accounts, eq(accounts.id, sessions.accountId))
      .leftJoin(freezes, and(eq(freezes.id, accounts.freezeId), gt(accounts.frozenUntil, sql`now()`)))
      .where(
        and(
          eq(sessions.tokenHash, hashOf(token)),
          gt(sessions.expiresAt, sql`now()`),
          gt(sessions.lastSeenAt, sql`now() - make_interval(mins => ${idleMinutes})`),
          eq(accounts.status, 'active'),
        ),
      )
    if (!row || (row.session.endedAt && !(row.freeze && row.session.endReason === 'frozen'))) return undefined
    const { session, account } = row
    if (Date.now() - session.lastSeenAt.getTime() > 60_000)
      await this.store.db.update(sessions).set({ lastSeenAt: new Date() }).where(eq(sessions.id, session.id))
    return {
      id: account.id,
      username: account.username,
      displayName: account.displayName,
      role: account.role,
      team: account.team,
      branch: account.branch,
      demo: account.demo,
      session: session.id,
      level: session.level,
      newDevice: session.newDevice,
      hasTotp: account.totpConfirmed,
      frozen: row.freeze ?? undefined,
    }
  }

  async requireUnfrozen(caller: SessionCaller): Promise<void> {
    if (caller.frozen) throw this.frozen.problem(caller.frozen)
  }

  async hasSecondFactor(caller: SessionCaller): Promise<boolean> {
    if (caller.hasTotp) return true
    const [passkey] = await this.store.db.select({ id: passkeys.id }).from(passkeys).where(eq(passkeys.accountId, caller.id)).limit(1)
    return passkey !== undefined
  }

  /**
   * Opens a session and sets its cookie; the one before it, if any, ends: a session id never outlives a change of level.
   * Called by the Passport strategies' guards alone.
   */
  async open(reply: FastifyReply, accountId: string, level: Caller['level'], origin: Origin, previous?: string): Promise<{ id: string; newDevice: boolean }> {
    const token = randomBytes(32).toString('base64url')
    const id = uuidv7()
    const device = origin.device ?? ''
    const newDevice = await this.store.db.transaction(async (tx) => {
      if (previous) await this.end(tx, [previous], 'replaced')
      const isNew = level === 'full' && (await this.remember(tx, accountId, device))
      await tx.insert(sessions).values({
        id,
        tokenHash: hashOf(token),
        accountId,
        level,
        device,
        newDevice: isNew,
        ip: origin.ip,
        expiresAt: sql`now() + make_interval(hours => ${absoluteHours})`,
      })
      return isNew
    })
    void reply.setCookie(sessionCookie, token, { path: '/', httpOnly: true, secure: true, sameSite: 'strict', maxAge: absoluteHours * 3600 })
    return { id, newDevice }
  }

  /** True when this account has not completed a sign-in from this browser before. */
  private async remember(tx: Queries, accountId: string, device: string): Promise<boolean> {
    const known = await tx.insert(devices).values({ accountId, device }).onConflictDoNothing().returning({ device: devices.device })
    return known.length > 0
  }

  async end(tx: Queries, ids: string[], reason: 'signed_out' | 'revoked' | 'replaced' | 'frozen'): Promise<void> {
    await tx.update(sessions).set({ endedAt: sql`now()`, endReason: reason }).where(and(inArray(sessions.id, ids), isNull(sessions.endedAt)))
  }

  /** Ends every session of an account in the given transaction; returns their ids. */
  async endAll(tx: Queries, accountId: string, reason: 'revoked' | 'frozen'): Promise<string[]> {
    const ended = await tx
      .update(sessions)
      .set({ endedAt: sql`now()`, endReason: reason })
      .where(and(eq(sessions.accountId, accountId), isNull(sessions.endedAt)))
      .returning({ id: sessions.id })
    return ended.map((session) => session.id)
  }

  clearCookie(reply: FastifyReply): void {
    void reply.clearCookie(sessionCookie, { path: '/', secure: true, httpOnly: true, sameSite: 'strict' })
  }
}
