import type { PolicySettings } from '@custodia/contracts'
import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { at } from './columns.js'

/** Changes of power that one administrator proposed; of each target one waits at most. */
export const powerChanges = pgTable(
  'power_changes',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['policy', 'administrator'] }).notNull(),
    /** account id, or `policy` */
    target: text('target').notNull(),
    /** the settings, and the version that they would take the place of */
    policy: jsonb('policy').$type<{ version: number; settings: PolicySettings }>(),
    opens: jsonb('opens').$type<string[]>().notNull().default([]),
    reason: text('reason').notNull(),
    askedBy: text('asked_by').notNull(),
    askedAt: at('asked_at').notNull().defaultNow(),
    /** nobody else could confirm it when it was asked: it takes effect by itself then */
    dueAt: at('due_at'),
    state: text('state', { enum: ['waiting', 'done', 'stopped', 'lapsed'] })
      .notNull()
      .default('waiting'),
    endedAt: at('ended_at'),
    /** account id, or `system` */
    endedBy: text('ended_by'),
  },
  (t) => [
    uniqueIndex('power_changes_waiting')
      .on(t.target)
      .where(sql`${t.state} = 'waiting'`),
    index('power_changes_asked').on(t.askedAt),
  ],
)
