import type { AccessReview, ReviewItem, ReviewResult } from '@custodia/contracts'
import { and, asc, eq, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { ProblemError } from '../gateway/problem.js'
import type { Queries } from '../record-store/record-store.js'
import { accessReviewItems as items, accessReviews as reviews, accounts } from '../record-store/schema.js'

export type ReviewRow = typeof reviews.$inferSelect
const [reviewers, deciders, undoers] = [
  alias(accounts, 'reviewers'),
  alias(accounts, 'deciders'),
  alias(accounts, 'undoers'),
]

const counted = (condition: SQL) => sql<number>`(select count(*)::int from ${items} i
  where i.review_id = ${reviews.id} and ${condition})`

const selectReviews = (tx: Queries) =>
  tx
    .select({
      review: reviews,
      people: counted(sql`true`),
      confirmed: counted(sql`i.decision = 'confirmed'`),
      removed: counted(sql`i.decision = 'removed'`),
    })
    .from(reviews)
    .orderBy(sql`${reviews.openedAt} desc`)
    .$dynamic()

const asReview = ({ review, ...counts }: Awaited<ReturnType<typeof selectReviews>>[number]): AccessReview => ({
  id: review.id,
  opened_at: review.openedAt.toISOString(),
  due_at: review.dueAt.toISOString(),
  closed_at: review.closedAt?.toISOString(),
  overdue: !review.closedAt && review.dueAt.getTime() < Date.now(),
  ...counts,
})

export const listReviews = async (tx: Queries, where?: SQL): Promise<AccessReview[]> =>
  (await selectReviews(tx).where(where).limit(100)).map(asReview)

export async function loadReview(tx: Queries, id: string): Promise<AccessReview> {
  const [review] = await listReviews(tx, eq(reviews.id, id))
  if (!review) throw new ProblemError('not_found')
  return review
}

/** Who is reviewed, with names; undecided first. */
export async function listItems(tx: Queries, reviewId: string, where?: SQL): Promise<ReviewItem[]> {
  const rows = await tx
    .select({
      item: items,
      account: accounts,
      reviewer: { name: reviewers.displayName, status: reviewers.status, role: reviewers.role },
      decider: deciders.displayName,
      undoer: undoers.displayName,
      lastSeen: sql<string | null>`(select max(last_seen_at) from sessions s where s.account_id = ${accounts.id})`,
    })
    .from(items)
    .innerJoin(accounts, eq(accounts.id, items.accountId))
    .leftJoin(reviewers, eq(reviewers.id, items.reviewerId))
    .leftJoin(deciders, eq(deciders.id, items.decidedBy))
    .leftJoin(undoers, eq(undoers.id, items.undoneBy))
    .where(and(eq(items.reviewId, reviewId), where))
    .orderBy(sql`${items.decision} is not null`, asc(accounts.branch), asc(accounts.team), asc(accounts.displayName))
  return rows.map(({ item, account, reviewer, decider, undoer, lastSeen }) => ({
    account: account.id,
    name: account.displayName,
    username: account.username,
    rights: item.rights ?? rightsOf(account),
    last_seen_at: lastSeen ? new Date(lastSeen).toISOString() : undefined,
    ...(item.decision || isStillOne(reviewer)
      ? { reviewer: item.reviewerId ?? undefined, reviewer_name: reviewer?.name }
      : {}),
    decision: item.decision ?? undefined,
    reason: item.reason ?? undefined,
    decided_by: item.decidedBy ?? undefined,
    decided_by_name: decider ?? undefined,
    decided_at: item.decidedAt?.toISOString(),
    undone_by_name: undoer ?? undefined,
    undone_at: item.undoneAt?.toISOString(),
    undo_reason: item.undoReason ?? undefined,
  }))
}

/** As `hasReviewer` says it: whoever has left, or manages nobody any more, decides nothing. */
const isStillOne = (reviewer: Pick<typeof accounts.$inferSelect, 'status' | 'role'> | null): boolean =>
  reviewer?.status === 'active' && reviewer.role === 'manager'

export const rightsOf = ({ role, team, branch }: typeof accounts.$inferSelect) => ({ role, team, branch })

/** What is signed: everybody and every decision, in one order. What is undone later is told beside it, not inside. */
export async function resultOf(tx: Queries, review: ReviewRow, closedAt: Date): Promise<ReviewResult> {
  const everybody = await listItems(tx, review.id)
  const people = everybody
    .map(({ last_seen_at: _seen, undone_by_name: _by, undone_at: _at, undo_reason: _why, ...item }) => item)
    .sort((a, b) => (a.account < b.account ? -1 : 1))
  return {
    format: 'custodia access review 1',
    id: review.id,
    opened_at: review.openedAt.toISOString(),
    due_at: review.dueAt.toISOString(),
    closed_at: closedAt.toISOString(),
    complete: people.every(({ decision }) => decision),
    people,
  }
}
