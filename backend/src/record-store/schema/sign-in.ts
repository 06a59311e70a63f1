import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
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
