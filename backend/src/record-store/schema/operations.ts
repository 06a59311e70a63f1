import type { DrillResult } from '@custodia/contracts'
import { sql } from 'drizzle-orm'
import { bigserial, index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { at, bytea, createdAt } from './columns.js'

export const outbox = pgTable('outbox', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  topic: text('topic', { enum: ['alerts', 'accounts'] }).notNull(),
  key: text('key').notNull(),
  value: jsonb('value').notNull(),
  createdAt: createdAt(),
})

/** Objects of deleted photos that a backup, which was being made, may still have to copy; they go when it is done. */
export const photoRemovals = pgTable('photo_removals', {
  objectKey: text('object_key').primaryKey(),
  createdAt: createdAt(),
})

/** Backups, restore drills and restores: what was done, and how it ended. */
export const backupRuns = pgTable(
  'backup_runs',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['backup', 'drill', 'restore'] }).notNull(),
    state: text('state', { enum: ['running', 'verified', 'failed'] })
      .notNull()
      .default('running'),
    /** which backup: its folder in the target */
    backup: text('backup').notNull(),
    target: text('target').notNull(),
    /** account id, or `system` */
    by: text('by').notNull(),
    startedAt: at('started_at').notNull(),
    finishedAt: at('finished_at'),
    counts: jsonb('counts').$type<Record<string, number>>(),
    /** why it failed; for administrators, without values */
    problem: text('problem'),
  },
  (t) => [index('backup_runs_kind').on(t.kind, t.startedAt)],
)

/**
 * Rows of an import that are on their way: with the ids and events they will have, so that a row whose process was killed
 * is finished with the same. Gone in the transaction that makes the customer.
 */
export const importPlans = pgTable('import_plans', {
  /** keyed hash of branch and ID number */
  key: bytea('key').primaryKey(),
  plan: jsonb('plan').notNull(),
  createdAt: createdAt(),
})

/** Drills: a scripted insider, played through the front door; who asked for it, and how soon it was stopped. */
export const drills = pgTable(
  'drills',
  {
    id: text('id').primaryKey(),
    state: text('state', { enum: ['asked', 'running', 'done', 'failed'] })
      .notNull()
      .default('asked'),
    /** account id, or `system` for the command line */
    by: text('by').notNull(),
    askedAt: at('asked_at').notNull().defaultNow(),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
    /** while it runs: the gateway that plays it says so again and again */
    aliveAt: at('alive_at'),
    /** the insider, while there is one */
    accountId: text('account_id'),
    result: jsonb('result').$type<DrillResult>(),
    problem: text('problem'),
  },
  // One at a time: two insiders would be measured against each other.
  (t) => [
    uniqueIndex('drills_one')
      .on(sql`(true)`)
      .where(sql`${t.state} in ('asked', 'running')`),
    index('drills_asked').on(t.askedAt),
  ],
)

/** Gateways that run, as they say themselves; one that is stopped takes its row with it. */
export const gateways = pgTable('gateways', {
  /** host and port */
  name: text('name').primaryKey(),
  seenAt: at('seen_at').notNull().defaultNow(),
})

/** Small facts about this installation: setup, demo data, positions. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  value: jsonb('value').notNull(),
})
