import { and, count, eq, isNull, lte, ne, not, or, sql, type SQL } from 'drizzle-orm'
import type { Caller } from '../gateway/caller.js'
import type { Queries } from '../record-store/record-store.js'
import { accessReviewItems as items, accessReviews as reviews, accounts } from '../record-store/schema.js'

type Reviewer = Pick<Caller, 'id' | 'role'>

/** One's own people; administrators step in for everybody. Nobody is their own. */
export const isMine = (who: Reviewer): SQL | undefined =>
  and(ne(items.accountId, who.id), who.role === 'admin' ? undefined : eq(items.reviewerId, who.id))

/** Whom it was taken down for may have left since, or manage nobody any more: then the person answers to nobody. */
export const hasReviewer: SQL<boolean> = sql<boolean>`exists (select 1 from ${accounts} r
  where r.id = ${items.reviewerId} and r.status = 'active' and r.role = 'manager')`

/** How many this person is to decide on now: administrators on those who answer to nobody, and on everybody once it is overdue. */
export async function countToReview(db: Queries, who: Reviewer): Promise<number> {
  const due = who.role === 'admin' ? or(not(hasReviewer), lte(reviews.dueAt, sql`now()`)) : undefined
  const [row] = await db
    .select({ n: count() })
    .from(items)
    .innerJoin(reviews, and(eq(reviews.id, items.reviewId), isNull(reviews.closedAt)))
    .where(and(isNull(items.decision), isMine(who), due))
  return row?.n ?? 0
}
