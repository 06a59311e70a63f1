import type { Approval, ApprovalState } from '@custodia/contracts'
import { desc, eq, gte, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Caller } from '../gateway/caller.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts, approvalCustomers, approvals, freezes } from '../record-store/schema.js'

export type ApprovalRow = typeof approvals.$inferSelect

/**
 * A freeze that was in force at any moment since ends what is pending and what was approved, at the freeze's own commit: nothing has to be written
 * for it, so that no use in progress and no freeze waits for the other.
 */
export const frozenSince: SQL<boolean> = sql<boolean>`exists (${sql`select 1 from ${freezes} where ${freezes.accountId} = ${approvals.requester} and (${freezes.liftedAt} is null or ${gte(freezes.liftedAt, approvals.askedAt)})`})`

/** Whoever asked for this has had an emergency access that nobody reviewed in time, be it this one or another. */
export const lateReview: SQL<boolean> = sql<boolean>`exists (select 1 from approvals late where late.requester = ${approvals.requester} and late.reviewed_at is null and late.review_by <= now())`

export const stateOf = (row: ApprovalRow, frozen: boolean, now: Date): ApprovalState => {
  if (row.decision === 'deny') return 'denied'
  if (row.endedAt && row.endedBy !== 'system') return 'revoked'
  if (frozen) return 'frozen'
  if (row.decision === 'approve' && row.used >= row.most) return 'used_up'
  if (row.until <= now) return 'expired'
  return row.decision ? 'approved' : 'pending'
}

export interface FoundApproval {
  row: ApprovalRow
  state: ApprovalState
  /** an emergency access that works no more until a review of theirs is made */
  suspended: boolean
  shown: Approval
}

const people = {
  requester: alias(accounts, 'requesters'),
  decider: alias(accounts, 'deciders'),
  ender: alias(accounts, 'enders'),
  reviewer: alias(accounts, 'reviewers'),
}

/** Approvals with the names of their people, the newest first. */
export async function findApprovals(
  db: Queries,
  who: Caller,
  where: SQL | undefined,
  limit = 200,
): Promise<FoundApproval[]> {
  const rows = await db
    .select({
      row: approvals,
      frozen: frozenSince,
      late: lateReview,
      customers: sql<number>`(select count(*)::int from ${approvalCustomers} where ${approvalCustomers.approvalId} = ${approvals.id})`,
      names: {
        requester: people.requester.displayName,
        decider: people.decider.displayName,
        ender: people.ender.displayName,
        reviewer: people.reviewer.displayName,
      },
    })
    .from(approvals)
    .leftJoin(people.requester, eq(people.requester.id, approvals.requester))
    .leftJoin(people.decider, eq(people.decider.id, approvals.decidedBy))
    .leftJoin(people.ender, eq(people.ender.id, approvals.endedBy))
    .leftJoin(people.reviewer, eq(people.reviewer.id, approvals.reviewedBy))
    .where(where)
    .orderBy(desc(approvals.askedAt))
    .limit(limit)
  const now = new Date()
  return rows.map(({ row, frozen, late, customers, names }) => {
    const state = stateOf(row, frozen, now)
    const suspended = late && row.kind === 'break_glass'
    return { row, state, suspended, shown: { ...present(row, now, who), state, customers, ...namesOf(row, names) } }
  })
}

const namesOf = (row: ApprovalRow, names: Record<keyof typeof people, string | null>) => ({
  requester_name: names.requester ?? row.requester,
  decided_by_name: names.decider ?? undefined,
  ended_by_name: names.ender ?? undefined,
  reviewed_by_name: names.reviewer ?? undefined,
})

const present = (row: ApprovalRow, now: Date, who: Caller) => ({
  id: row.id,
  kind: row.kind,
  use: row.use,
  fields: row.fields,
  most: row.most,
  used: row.used,
  purpose: row.purpose as Approval['purpose'],
  minutes: row.minutes,
  requester: row.requester,
  branch: row.branch,
  reason: row.reason,
  asked_at: row.askedAt.toISOString(),
  until: row.until.toISOString(),
  decided_at: row.decidedAt?.toISOString(),
  decision_reason: row.decisionReason ?? undefined,
  ended_at: row.endedAt?.toISOString(),
  end_reason: row.endReason ?? undefined,
  review_by: row.reviewBy?.toISOString(),
  reviewed_at: row.reviewedAt?.toISOString(),
  verdict: row.verdict ?? undefined,
  review_note: row.reviewNote ?? undefined,
  overdue: isOverdue(row, now),
  mine: row.requester === who.id,
})

export const isOverdue = ({ reviewBy, reviewedAt }: ApprovalRow, now: Date): boolean =>
  reviewBy !== null && reviewedAt === null && reviewBy <= now
