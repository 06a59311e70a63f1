import type { Person } from '@custodia/contracts'
import { and, eq, gt, sql } from 'drizzle-orm'
import { ProblemError } from '../gateway/problem.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts, freezes } from '../record-store/schema.js'
import { asFreeze } from '../response/freezes.service.js'

/** A person as an administrator reads them back after a change, within the transaction that made it. */
export async function loadPerson(tx: Queries, id: string): Promise<Person> {
  const [row] = await tx
    .select({
      account: accounts,
      freeze: freezes,
      passkeys: sql<number>`(select count(*)::int from passkeys p where p.account_id = ${accounts.id})`,
      lastSeen: sql<string | null>`(select max(last_seen_at) from sessions s where s.account_id = ${accounts.id})`,
    })
    .from(accounts)
    .leftJoin(freezes, and(eq(freezes.id, accounts.freezeId), gt(accounts.frozenUntil, sql`now()`)))
    .where(eq(accounts.id, id))
  if (!row) throw new ProblemError('not_found')
  const { account, freeze, passkeys, lastSeen } = row
  return {
    id: account.id,
    username: account.username,
    display_name: account.displayName,
    role: account.role,
    team: account.team,
    branch: account.branch,
    demo: account.demo,
    status: account.status,
    freeze: freeze ? asFreeze(freeze, account.displayName) : undefined,
    factors: [...(account.totpConfirmed ? ['totp'] : []), ...(passkeys ? ['passkey'] : [])],
    last_seen_at: lastSeen ? new Date(lastSeen).toISOString() : undefined,
  }
}
