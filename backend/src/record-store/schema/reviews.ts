import type { ReviewDecision, ReviewedRights, SignedReview } from '@custodia/contracts'
import { sql } from 'drizzle-orm'
import { boolean, index, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { at } from './columns.js'
import { accounts } from './people.js'

/** Reviews of everybody's rights: one at a time, each closed with a signed result. */
export const accessReviews = pgTable(
  'access_reviews',
  {
    id: text('id').primaryKey(),
    /** account id, or `system` when it was its time */
    openedBy: text('opened_by').notNull(),
    openedAt: at('opened_at').notNull().defaultNow(),
    dueAt: at('due_at').notNull(),
    closedAt: at('closed_at'),
    /** whether the desk was alerted to its being late */
    overdueTold: boolean('overdue_told').notNull().default(false),
    result: jsonb('result').$type<SignedReview>(),
  },
  (t) => [
    uniqueIndex('access_reviews_one')
      .on(sql`(true)`)
      .where(sql`${t.closedAt} is null`),
  ],
)

/** One person's rights in one review. */
export const accessReviewItems = pgTable(
  'access_review_items',
  {
    reviewId: text('review_id')
      .notNull()
      .references(() => accessReviews.id, { onDelete: 'cascade' }),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** whose people they are; null: the administrators' */
    reviewerId: text('reviewer_id').references(() => accounts.id, { onDelete: 'set null' }),
    decision: text('decision').$type<ReviewDecision>(),
    /** what was confirmed or removed, as it was at that moment */
    rights: jsonb('rights').$type<ReviewedRights>(),
    reason: text('reason'),
    decidedBy: text('decided_by'),
    decidedAt: at('decided_at'),
    undoneBy: text('undone_by'),
    undoneAt: at('undone_at'),
    undoReason: text('undo_reason'),
  },
  (t) => [primaryKey({ columns: [t.reviewId, t.accountId] }), index('access_review_items_reviewer').on(t.reviewerId)],
)
