import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { at } from './columns.js'

/**
 * Exports that took no approval, for as long as they count towards one: 24 hours. What left, and of whom, is in the log. People
 * are named without a foreign key, as in approvals: an export must not wait for a freeze, nor the freeze for it.
 */
export const freeExports = pgTable(
  'free_exports',
  {
    /** the access event */
    eventId: text('event_id').primaryKey(),
    accountId: text('account_id').notNull(),
    at: at('at').notNull(),
    customers: integer('customers').notNull(),
  },
  (t) => [index('free_exports_account').on(t.accountId, t.at)],
)
