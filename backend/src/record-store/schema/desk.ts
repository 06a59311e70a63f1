import type { Alert, Report } from '@custodia/contracts'
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { at, bytea, createdAt } from './columns.js'
import { accounts } from './people.js'

/** Alerts as detection raised them, with what people did about them. */
export const alerts = pgTable(
  'alerts',
  {
    id: text('id').primaryKey(),
    time: at('time').notNull(),
    rule: text('rule').notNull(),
    severity: text('severity').notNull(),
    actor: text('actor'),
    alert: jsonb('alert').$type<Alert>().notNull(),
    state: text('state', { enum: ['open', 'acknowledged'] })
      .notNull()
      .default('open'),
    by: text('by'),
    changedAt: at('changed_at'),
    version: integer('version').notNull().default(0),
    demo: boolean('demo').notNull().default(false),
    /** where it stands in the alerts topic */
    logOffset: integer('log_offset').notNull(),
  },
  (t) => [
    index('alerts_time').on(t.time),
    index('alerts_actor').on(t.actor, t.time),
    index('alerts_state').on(t.state, t.time),
  ],
)

/** Records on their way to a topic, written in the transaction that made them true. */

export const ingestTokens = pgTable('ingest_tokens', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  source: text('source').notNull(),
  tokenHash: bytea('token_hash').notNull().unique(),
  mapping: text('mapping'),
  createdAt: createdAt(),
  lastUsedAt: at('last_used_at'),
  revokedAt: at('revoked_at'),
})

/** Ids of outside events of the last 7 days: the same id twice is one event. */
export const ingestSeen = pgTable(
  'ingest_seen',
  {
    source: text('source').notNull(),
    eventId: text('event_id').notNull(),
    seenAt: at('seen_at').notNull().defaultNow(),
    /** false: being appended, or its append failed and nobody knows whether it was written */
    done: boolean('done').notNull().default(true),
    /** who tried last */
    attempt: text('attempt'),
  },
  (t) => [primaryKey({ columns: [t.source, t.eventId] }), index('ingest_seen_at').on(t.seenAt)],
)

export const reportSchedules = pgTable('report_schedules', {
  id: text('id').primaryKey(),
  kind: text('kind').notNull(),
  every: text('every', { enum: ['week', 'month'] }).notNull(),
  timeZone: text('time_zone').notNull(),
  person: text('person'),
  customer: text('customer'),
  createdBy: text('created_by')
    .notNull()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  createdAt: createdAt(),
  nextAt: at('next_at').notNull(),
})

export const reportRuns = pgTable(
  'report_runs',
  {
    id: text('id').primaryKey(),
    scheduleId: text('schedule_id').notNull(),
    kind: text('kind').notNull(),
    from: at('from').notNull(),
    to: at('to').notNull(),
    dueAt: at('due_at').notNull(),
    madeAt: at('made_at').notNull().defaultNow(),
    late: boolean('late').notNull(),
    events: integer('events').notNull(),
    report: jsonb('report').$type<Report>().notNull(),
  },
  (t) => [uniqueIndex('report_runs_once').on(t.scheduleId, t.dueAt)],
)
