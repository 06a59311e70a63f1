import type { Alert, AlertChange, AlertContext, Report } from '@custodia/contracts'
import { sql } from 'drizzle-orm'
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
    state: text('state', { enum: ['open', 'acknowledged', 'in_work', 'closed'] })
      .notNull()
      .default('open'),
    verdict: text('verdict', { enum: ['true', 'false', 'benign'] }),
    assignee: text('assignee'),
    /** a repeat: the alert that stands for it */
    mergedInto: text('merged_into'),
    repeats: integer('repeats').notNull().default(0),
    comments: integer('comments').notNull().default(0),
    by: text('by'),
    changedAt: at('changed_at'),
    version: integer('version').notNull().default(0),
    demo: boolean('demo').notNull().default(false),
    /** in no count */
    drill: boolean('drill').notNull().default(false),
    context: jsonb('context').$type<AlertContext>(),
    /** when its context is looked up next; null: it stays as it is */
    contextDue: at('context_due').defaultNow(),
    /** where it stands in the alerts topic */
    logOffset: integer('log_offset').notNull(),
  },
  (t) => [
    index('alerts_time').on(t.time),
    index('alerts_actor').on(t.actor, t.time),
    index('alerts_state').on(t.state, t.time),
    index('alerts_rule').on(t.rule, t.time),
    index('alerts_merged').on(t.mergedInto),
    index('alerts_context_due')
      .on(t.contextDue)
      .where(sql`${t.contextDue} is not null`),
  ],
)

/** What people did with an alert, step by step; its version numbers the steps. */
export const alertChanges = pgTable(
  'alert_changes',
  {
    alertId: text('alert_id')
      .notNull()
      .references(() => alerts.id, { onDelete: 'cascade' }),
    version: integer('version').notNull(),
    kind: text('kind').$type<AlertChange['kind']>().notNull(),
    at: at('at').notNull().defaultNow(),
    by: text('by').notNull(),
    verdict: text('verdict', { enum: ['true', 'false', 'benign'] }),
    assignee: text('assignee'),
    text: text('text'),
    count: integer('count'),
    other: text('other'),
  },
  (t) => [primaryKey({ columns: [t.alertId, t.version] })],
)

/** Alerts of a rule, put aside for a time. Detection and response never read this. */
export const silences = pgTable(
  'silences',
  {
    id: text('id').primaryKey(),
    rule: text('rule').notNull(),
    actor: text('actor'),
    reason: text('reason').notNull(),
    owner: text('owner').notNull(),
    setAt: at('set_at').notNull().defaultNow(),
    until: at('until').notNull(),
    endedAt: at('ended_at'),
    endedBy: text('ended_by'),
  },
  (t) => [index('silences_rule').on(t.rule, t.until)],
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
