import type { AccountRecord } from '@custodia/contracts'
import { and, eq, inArray, isNotNull, isNull, lte, ne, sql, type SQL } from 'drizzle-orm'
import type { Caller } from '../gateway/caller.js'
import type { Queries } from '../record-store/record-store.js'
import { outbox, sessions } from '../record-store/schema.js'

/** How sessions end: in the transaction of whoever ends them, and every gateway hears of it. */
export type EndReason = 'signed_out' | 'revoked' | 'replaced' | 'frozen' | 'over_cap'

export async function endSessions(tx: Queries, ids: string[], reason: EndReason): Promise<void> {
  await endWhere(tx, inArray(sessions.id, ids), reason)
}

/** Every session of an account, its tokens among them; returns their ids. */
export async function endSessionsOf(tx: Queries, accountId: string, reason: EndReason): Promise<string[]> {
  return endWhere(tx, eq(sessions.accountId, accountId), reason)
}

/** Every other browser's session of this person; returns their ids. */
export async function endOtherSessions(
  tx: Queries,
  { id, session }: Pick<Caller, 'id' | 'session'>,
): Promise<string[]> {
  const others = and(eq(sessions.accountId, id), ne(sessions.id, session), isNull(sessions.scopes))
  return endWhere(tx, others, 'revoked')
}

/** One session of this person, which may be the one that asks; false when there is none to end. */
export async function endOwnSession(tx: Queries, { id }: Pick<Caller, 'id'>, session: string): Promise<boolean> {
  const mine = and(eq(sessions.accountId, id), eq(sessions.id, session), isNull(sessions.scopes))
  const ended = await endWhere(tx, mine, 'revoked')
  return ended.length > 0
}

/** An API token, of this person or of anybody; returns whose it was, where there was one to end. */
export async function endToken(tx: Queries, id: string, owner?: Pick<Caller, 'id'>): Promise<string | undefined> {
  const [token] = await tx
    .select({ accountId: sessions.accountId })
    .from(sessions)
    .where(and(eq(sessions.id, id), isNotNull(sessions.scopes), owner && eq(sessions.accountId, owner.id)))
  const ended = token ? await endWhere(tx, eq(sessions.id, id), 'revoked') : []
  return ended.length ? token?.accountId : undefined
}

interface AtProvider {
  /** the session there; undefined: all that this person has */
  sid?: string | undefined
  before: Date
}

/** What stands on one session at the OpenID provider, or on any there; what began after it was ended there goes on. */
export async function endSessionsAtProvider(
  tx: Queries,
  accountId: string,
  { sid, before }: AtProvider,
): Promise<string[]> {
  const those = and(eq(sessions.accountId, accountId), isNull(sessions.scopes), lte(sessions.createdAt, before))
  return endWhere(tx, and(those, sid === undefined ? undefined : eq(sessions.providerSid, sid)), 'signed_out')
}

async function endWhere(tx: Queries, condition: SQL | undefined, reason: EndReason): Promise<string[]> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt: sql`now()`, endReason: reason })
    .where(and(condition, isNull(sessions.endedAt)))
    .returning({ id: sessions.id, account: sessions.accountId, level: sessions.level })
  // A freeze tells the gateways itself; a session of the first factor alone has neither sockets nor downloads.
  if (reason !== 'frozen')
    await announce(
      tx,
      ended.filter((session) => session.level === 'full'),
    )
  return ended.map((session) => session.id)
}

/** Every gateway hears that these are over, and cuts their sockets and what is still on its way to them. */
async function announce(tx: Queries, ended: { id: string; account: string }[]): Promise<void> {
  const at = new Date().toISOString()
  for (const account of new Set(ended.map((session) => session.account))) {
    const mine = ended.filter((session) => session.account === account).map(({ id }) => id)
    const value: AccountRecord = { kind: 'sessions_revoked', account, sessions: mine, at }
    await tx.insert(outbox).values({ topic: 'accounts', key: account, value })
  }
}
