import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm'
import { policyVersion } from '../gateway/policies.js'
import type { Database } from '../record-store/record-store.js'
import { rowsAsJson } from '../record-store/rows-as-json.js'
import { accounts, freezes, sessions } from '../record-store/schema.js'

/** What the door looks at, as columns: a statement that has them tells the caller, whatever else it asks for. */
export const sessionColumns = {
  session: {
    id: sessions.id,
    level: sessions.level,
    newDevice: sessions.newDevice,
    scopes: sessions.scopes,
    device: sessions.device,
    network: sessions.network,
    createdAt: sessions.createdAt,
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
    door: accounts.door,
    vouchedAt: accounts.vouchedAt,
    createdAt: accounts.createdAt,
    totpConfirmed: accounts.totpConfirmed,
    freezeCause: accounts.freezeCause,
    measures: accounts.measures,
  },
  policyVersion,
  freezes: rowsAsJson(
    freezes,
    and(eq(freezes.id, accounts.freezeId), gt(accounts.frozenUntil, sql`now()`)),
    freezes.id,
  ),
}

/** Not over by the clock. */
const isOpen = and(
  gt(sessions.expiresAt, sql`now()`),
  gt(sessions.lastSeenAt, sql`now() - make_interval(mins => ${sessions.idleMinutes})`),
)

/** A browser's; neither ended nor over by the clock. */
export const isInUse = and(isNull(sessions.scopes), isNull(sessions.endedAt), isOpen)

/** A session, joined with its account, that is not over by the clock or by a disabled account. */
export const goesOn = and(isOpen, eq(accounts.status, 'active'))
/** The one of the token. */
export const hasToken = and(eq(sessions.tokenHash, sql.placeholder('token')), goesOn)

/** A condition for what such a statement loads beside: nothing, where the session has ended or the account is frozen. */
export const inForce = and(
  isNull(sessions.endedAt),
  or(isNull(accounts.frozenUntil), lte(accounts.frozenUntil, sql`now()`)),
)

export const sessionByToken = (db: Database) =>
  db
    .select(sessionColumns)
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .where(hasToken)
    .prepare('session_by_token')
export type SessionRow = Awaited<ReturnType<ReturnType<typeof sessionByToken>['execute']>>[number]
