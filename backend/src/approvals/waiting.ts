import type { Permission } from '@custodia/contracts'
import { and, count, eq, isNotNull, isNull, not, or, sql, type SQL } from 'drizzle-orm'
import type { Caller } from '../gateway/caller.js'
import { scopeOf } from '../gateway/policy.js'
import type { Queries } from '../record-store/record-store.js'
import { approvals } from '../record-store/schema.js'
import { frozenSince } from './approval-row.js'

/** How far the table lets this person see, as a condition. */
export function within(who: Caller, permission: Permission): SQL | undefined {
  const reach = scopeOf(who, permission)
  if (reach === 'all') return undefined
  if (reach === 'branch') return eq(approvals.branch, who.branch)
  if (reach === 'team' && who.team) return and(eq(approvals.branch, who.branch), eq(approvals.team, who.team))
  return reach ? eq(approvals.requester, who.id) : sql`false`
}

const byAnother = (who: Caller) => sql`${approvals.requester} <> ${who.id}`

/** Requests of others that wait, and that this person may decide. */
export const toDecide = (who: Caller): SQL | undefined =>
  and(
    within(who, 'approval.decide'),
    byAnother(who),
    isNull(approvals.decision),
    isNull(approvals.endedAt),
    sql`${approvals.until} > now()`,
    not(frozenSince),
  )

/** Emergency uses of others that this person may review, and nobody has yet. */
export const toReview = (who: Caller): SQL | undefined =>
  and(within(who, 'approval.review'), byAnother(who), isNotNull(approvals.reviewBy), isNull(approvals.reviewedAt))

/** What waits for this person's judgement. */
export async function countWaiting(db: Queries, who: Caller): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(approvals)
    .where(or(toDecide(who), toReview(who)))
  return row?.n ?? 0
}
