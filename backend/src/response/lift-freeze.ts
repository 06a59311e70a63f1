import type { AccountRecord, Freeze } from '@custodia/contracts'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { ProblemError } from '../gateway/problem.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts, freezes, liftRequests, outbox } from '../record-store/schema.js'
import { lockAccount } from './account-lock.js'
import { asFreeze } from './freeze-row.js'

export const notFrozen = () => new ProblemError('conflict', { detail: 'This account is not frozen.' })

/** Lifts the freeze in force, or `conflict` when there is none; in the caller's transaction. */
export async function liftFreeze(tx: Queries, accountId: string, by: string, reason: string): Promise<Freeze> {
  const account = await lockAccount(tx, accountId)
  if (!account.freezeId) throw notFrozen()
  const closed = await tx
    .update(freezes)
    .set({ liftedAt: sql`now()`, liftedBy: by, liftReason: reason })
    .where(and(eq(freezes.accountId, accountId), isNull(freezes.liftedAt)))
    .returning()
  const row = closed.find(({ id }) => id === account.freezeId)
  if (!row) throw new Error('the freeze in force was not open')
  await tx
    .update(accounts)
    .set({ freezeId: null, frozenUntil: null, freezeCause: null })
    .where(eq(accounts.id, accountId))
  await tx
    .update(liftRequests)
    .set({ answeredAt: sql`now()` })
    .where(and(eq(liftRequests.accountId, accountId), isNull(liftRequests.answeredAt)))
  const freeze = asFreeze(row, account)
  const value: AccountRecord = { kind: 'lifted', freeze }
  await tx.insert(outbox).values({ topic: 'accounts', key: accountId, value })
  return freeze
}
