import { and, eq, sql } from 'drizzle-orm'
import type { Queries } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'

/**
 * Whether somebody has signed in with this account, by whatever door: from then on a way in is theirs to lose, and two
 * administrators give them another (recovery); no one-time link does.
 */
export const hasComeIn = sql<boolean>`(${accounts.passwordHash} is not null or ${accounts.totpConfirmed} or ${accounts.vouchedAt} is not null
  or exists (select 1 from passkeys k where k.account_id = ${accounts.id}) or exists (select 1 from devices d where d.account_id = ${accounts.id}))`

/** Whether the way in is somebody's by now. Another door is theirs who first come by its name, whoever had the account before. */
export const isClaimed = sql<boolean>`case when ${accounts.door} = 'password' then ${hasComeIn} else ${accounts.doorSubject} is not null end`

export async function theyHaveComeIn(tx: Queries, id: string): Promise<boolean> {
  const [found] = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.id, id), hasComeIn))
  return found !== undefined
}
