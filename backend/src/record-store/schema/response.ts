import type { AccessAction, Alert, EventPlace } from '@custodia/contracts'
import { boolean, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { at, bytea } from './columns.js'
import { accounts } from './people.js'

export const freezes = pgTable(
  'freezes',
  {
    id: text('id').primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    reason: text('reason').notNull(),
    rule: text('rule'),
    ruleVersion: text('rule_version'),
    alertId: text('alert_id').unique(),
    severity: text('severity'),
    /** when the rule fired, and how long it asked for before repetition made it longer */
    firedAt: at('fired_at'),
    seconds: integer('seconds'),
    cause: jsonb('cause').$type<EventPlace>(),
    /** the alert's sentence, for the person who is frozen */
    text: jsonb('text').$type<Alert['text']>(),
    by: text('by').notNull(),
    setAt: at('set_at').notNull().defaultNow(),
    until: at('until').notNull(),
    liftedAt: at('lifted_at'),
    liftedBy: text('lifted_by'),
    liftReason: text('lift_reason'),
    /** nobody lifts it alone; also what a person put over such a freeze, else freezing for longer would take the second away */
    twoPersons: boolean('two_persons').notNull().default(false),
    /** the first of two persons that lift it */
    liftAskedBy: text('lift_asked_by'),
    liftAskedAt: at('lift_asked_at'),
    liftAskedReason: text('lift_asked_reason'),
  },
  (t) => [index('freezes_account').on(t.accountId, t.setAt)],
)

/** What alerts put on accounts below a freeze: one row an alert and kind, so that a second delivery changes nothing. */
export const measures = pgTable(
  'measures',
  {
    alertId: text('alert_id').notNull(),
    kind: text('kind', { enum: ['step_up', 'throttle', 'mask', 'block'] }).notNull(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    action: text('action').$type<AccessAction>(),
    rule: text('rule').notNull(),
    ruleVersion: text('rule_version').notNull(),
    reason: text('reason').notNull(),
    firedAt: at('fired_at').notNull(),
    seconds: integer('seconds').notNull(),
    until: at('until').notNull(),
    endedAt: at('ended_at'),
    endedBy: text('ended_by'),
  },
  (t) => [primaryKey({ columns: [t.alertId, t.kind] }), index('measures_account').on(t.accountId, t.firedAt)],
)

/** Fresh proofs asked for one action of one session: short-lived, used once. */
export const stepUps = pgTable('step_ups', {
  id: text('id').primaryKey(),
  accountId: text('account_id')
    .notNull()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  session: text('session').notNull(),
  /** hash of method, address and body */
  target: bytea('target').notNull(),
  challenge: text('challenge').notNull(),
  expiresAt: at('expires_at').notNull(),
  provenAt: at('proven_at'),
})

/** Rules that froze too many at once: until then they only alert. */
export const guardTrips = pgTable('guard_trips', {
  rule: text('rule').primaryKey(),
  alertId: text('alert_id').notNull(),
  reason: text('reason').notNull(),
  trippedAt: at('tripped_at').notNull(),
  until: at('until').notNull(),
})

export const liftRequests = pgTable('lift_requests', {
  id: text('id').primaryKey(),
  freezeId: text('freeze_id')
    .notNull()
    .references(() => freezes.id, { onDelete: 'cascade' }),
  accountId: text('account_id')
    .notNull()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  message: text('message').notNull(),
  at: at('at').notNull().defaultNow(),
  answeredAt: at('answered_at'),
})
