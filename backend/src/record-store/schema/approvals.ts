import type { PersonalField } from '@custodia/contracts'
import { boolean, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { z } from 'zod'
import { at } from './columns.js'

type Field = z.infer<typeof PersonalField>

/**
 * Requests for plain values and larger exports, and emergency uses. People are named without a foreign key: using an approval
 * must not wait for a freeze that holds the account's row, nor the freeze for the use.
 */
export const approvals = pgTable(
  'approvals',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['request', 'break_glass'] }).notNull(),
    requester: text('requester').notNull(),
    team: text('team').notNull(),
    branch: text('branch').notNull(),
    use: text('use', { enum: ['reveal', 'export'] }).notNull(),
    fields: jsonb('fields').$type<Field[]>().notNull(),
    most: integer('most').notNull(),
    used: integer('used').notNull().default(0),
    purpose: text('purpose').notNull(),
    minutes: integer('minutes').notNull(),
    reason: text('reason').notNull(),
    askedAt: at('asked_at').notNull().defaultNow(),
    decision: text('decision', { enum: ['approve', 'deny'] }),
    decidedBy: text('decided_by'),
    decidedAt: at('decided_at'),
    decisionReason: text('decision_reason'),
    /** pending: when nobody may decide any more; approved: when it is over */
    until: at('until').notNull(),
    endedAt: at('ended_at'),
    endedBy: text('ended_by'),
    endReason: text('end_reason'),
    reviewBy: at('review_by'),
    reviewedBy: text('reviewed_by'),
    reviewedAt: at('reviewed_at'),
    verdict: text('verdict', { enum: ['justified', 'not_justified'] }),
    reviewNote: text('review_note'),
    overdueTold: boolean('overdue_told').notNull().default(false),
  },
  (t) => [
    index('approvals_requester').on(t.requester, t.askedAt),
    index('approvals_branch').on(t.branch, t.askedAt),
    index('approvals_review').on(t.reviewBy),
  ],
)

const approvalId = () =>
  text('approval_id')
    .notNull()
    .references(() => approvals.id, { onDelete: 'cascade' })

export const approvalCustomers = pgTable(
  'approval_customers',
  { approvalId: approvalId(), customerId: text('customer_id').notNull() },
  (t) => [primaryKey({ columns: [t.approvalId, t.customerId] })],
)

export const approvalUses = pgTable(
  'approval_uses',
  {
    /** the access event */
    eventId: text('event_id').primaryKey(),
    approvalId: approvalId(),
    at: at('at').notNull().defaultNow(),
    count: integer('count').notNull(),
    fields: jsonb('fields').$type<Field[]>().notNull(),
    customerId: text('customer_id'),
  },
  (t) => [index('approval_uses_approval').on(t.approvalId, t.at)],
)
