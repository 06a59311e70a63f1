import { sql } from 'drizzle-orm'
import { index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { at, bytea, createdAt } from './columns.js'
import { accounts } from './people.js'

/** One-time links with which people set their first password; only the SHA-256 of the secret is here. */
export const invitations = pgTable(
  'invitations',
  {
    id: text('id').primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    tokenHash: bytea('token_hash').notNull().unique(),
    by: text('by').notNull(),
    createdAt: createdAt(),
    expiresAt: at('expires_at').notNull(),
    usedAt: at('used_at'),
    revokedAt: at('revoked_at'),
  },
  (t) => [index('invitations_account').on(t.accountId)],
)

/** Recovery codes, as keyed hashes: the database alone does not tell what to try them against. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    hash: bytea('hash').notNull(),
    createdAt: createdAt(),
    usedAt: at('used_at'),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.hash] })],
)

/** Failed attempts of the last hour. Names and addresses are keyed hashes, of people who exist and who do not. */
export const attempts = pgTable(
  'sign_in_attempts',
  {
    factor: text('factor').notNull(),
    scope: text('scope', { enum: ['stranger', 'device', 'source', 'everywhere'] }).notNull(),
    key: bytea('key').notNull(),
    /** of a stranger's: to see from how many networks one account is tried */
    account: bytea('account'),
    network: bytea('network'),
    failed: integer('failed').notNull(),
    lastAt: at('last_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.factor, t.scope, t.key] }),
    index('sign_in_attempts_account').on(t.account),
    index('sign_in_attempts_last').on(t.lastAt),
  ],
)

/** Factors of accounts that strangers cannot try for a time. Gone when the time is over, with an event. */
export const attemptLocks = pgTable(
  'sign_in_locks',
  {
    factor: text('factor').notNull(),
    account: bytea('account').notNull(),
    /** what the events name: an account id, or the keyed hash of a name that is nobody's */
    subject: text('subject').notNull(),
    until: at('until').notNull(),
  },
  (t) => [primaryKey({ columns: [t.factor, t.account] })],
)

/** Sign-ins that were sent to the OpenID provider and have not come back; each comes back once, to the browser it left from. */
export const oidcFlows = pgTable('oidc_flows', {
  /** SHA-256 of `state` */
  stateHash: bytea('state_hash').primaryKey(),
  nonce: text('nonce').notNull(),
  verifier: text('verifier').notNull(),
  device: text('device').notNull(),
  expiresAt: at('expires_at').notNull(),
})

/** Resets of a person's factors by two administrators; at most one is under way. */
export const recoveries = pgTable(
  'recoveries',
  {
    id: text('id').primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    state: text('state', { enum: ['asked', 'waiting', 'done', 'stopped', 'cancelled', 'lapsed'] })
      .notNull()
      .default('asked'),
    reason: text('reason').notNull(),
    askedBy: text('asked_by').notNull(),
    askedAt: at('asked_at').notNull().defaultNow(),
    approvedBy: text('approved_by'),
    approvedAt: at('approved_at'),
    told: text('told', { enum: ['mail', 'other'] }),
    dueAt: at('due_at'),
    /** SHA-256 of the secret in the notice, with which the person says no */
    cancelHash: bytea('cancel_hash'),
    endedAt: at('ended_at'),
    endedBy: text('ended_by'),
  },
  (t) => [
    uniqueIndex('recoveries_open')
      .on(t.accountId)
      .where(sql`${t.state} in ('asked', 'waiting')`),
    index('recoveries_asked').on(t.askedAt),
  ],
)
