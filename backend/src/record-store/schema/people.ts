import type { EventPlace, Measure, Role, TokenScope } from '@custodia/contracts'
import { sql } from 'drizzle-orm'
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  type AnyPgColumn,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { at, bytea, createdAt } from './columns.js'

/** People who sign in. Passwords are argon2id hashes; the TOTP secret is sealed. */
export const accounts = pgTable(
  'accounts',
  {
    id: text('id').primaryKey(),
    username: text('username').notNull(),
    displayName: text('display_name').notNull(),
    role: text('role').$type<Role>().notNull(),
    team: text('team').notNull().default(''),
    branch: text('branch').notNull().default(''),
    /** who reviews this person's rights; null: the administrators */
    managerId: text('manager_id').references((): AnyPgColumn => accounts.id, { onDelete: 'set null' }),
    status: text('status', { enum: ['active', 'disabled'] })
      .notNull()
      .default('active'),
    /** null: asked in, and has not set one yet; or they come by another door */
    passwordHash: text('password_hash'),
    /** where the first factor is proven: here with a password, at the OpenID provider, or by the directory */
    door: text('door', { enum: ['password', 'oidc', 'ldap'] })
      .notNull()
      .default('password'),
    /** who they are behind that door: issuer and `sub`, or the directory's immutable id; null: pinned when they first come */
    doorSubject: text('door_subject'),
    /** when an OpenID provider last proved them to us: what they have here ends unless it does so again */
    vouchedAt: at('vouched_at'),
    /** what the system that provisions people (SCIM) calls them */
    externalId: text('external_id'),
    totpSecret: bytea('totp_secret'),
    /** begun and not confirmed; until then the secret before it goes on working */
    totpPending: bytea('totp_pending'),
    totpPendingAt: at('totp_pending_at'),
    /** the session that began it: no other confirms it */
    totpPendingSession: text('totp_pending_session'),
    totpConfirmed: boolean('totp_confirmed').notNull().default(false),
    /** the time step of the last code that was used: a code works once */
    totpLastStep: integer('totp_last_step').notNull().default(0),
    /** set while a freeze is in force; the freeze row tells the rest */
    freezeId: text('freeze_id'),
    frozenUntil: at('frozen_until'),
    /** the earliest event that led to the freeze in force; null: it wins over everything, as a person's does */
    freezeCause: jsonb('freeze_cause').$type<EventPlace>(),
    /** measures below a freeze, the longest of each kind; the rows of `measures` tell the rest */
    measures: jsonb('measures').$type<Measure[]>().notNull().default([]),
    /** while throttled: when the next access would be on time */
    throttledAt: at('throttled_at'),
    /** where the person is told what is done to their account */
    email: text('email'),
    /** the one before, for as long as a change may have been made in order to keep a notice from them */
    emailBefore: text('email_before'),
    emailChangedAt: at('email_changed_at'),
    /** when they were last seen to be an administrator who can come in; to the hour */
    administratorAt: at('administrator_at'),
    /** sealed for emergencies: never frozen by a rule, and loud */
    breakGlass: boolean('break_glass').notNull().default(false),
    demo: boolean('demo').notNull().default(false),
    /** made by a drill, gone when it is over */
    drill: boolean('drill').notNull().default(false),
    /** rights that one person alone gave count towards decisions on what others ask from then on; null: at once, or confirmed */
    decidesFrom: at('decides_from'),
    /** account of who gave them; null: another system or a command, or several after one another */
    decidesGivenBy: text('decides_given_by'),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('accounts_username').on(sql`lower(${t.username})`),
    uniqueIndex('accounts_door_subject').on(t.door, t.doorSubject),
  ],
)

export const passkeys = pgTable('passkeys', {
  id: text('id').primaryKey(),
  accountId: text('account_id')
    .notNull()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  credentialId: text('credential_id').notNull().unique(),
  publicKey: bytea('public_key').notNull(),
  counter: integer('counter').notNull(),
  transports: jsonb('transports').$type<string[]>().notNull().default([]),
  name: text('name').notNull(),
  /** the model, as the authenticator says */
  aaguid: text('aaguid').notNull().default(''),
  createdAt: createdAt(),
  lastUsedAt: at('last_used_at'),
})

/** Challenges of WebAuthn ceremonies; used once, short-lived. */
export const challenges = pgTable('challenges', {
  id: text('id').primaryKey(),
  challenge: text('challenge').notNull(),
  accountId: text('account_id'),
  expiresAt: at('expires_at').notNull(),
})

/** Server-side sessions. The cookie holds a random token; only its SHA-256 is here. An API token is one that lasts, narrowed to its scopes. */
export const sessions = pgTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    tokenHash: bytea('token_hash').notNull().unique(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    level: text('level', { enum: ['first_factor', 'full'] }).notNull(),
    device: text('device').notNull(),
    newDevice: boolean('new_device').notNull().default(false),
    ip: text('ip').notNull(),
    /** of the address; empty: from before sessions were bound to it */
    network: text('network').notNull().default(''),
    userAgent: text('user_agent').notNull().default(''),
    idleMinutes: integer('idle_minutes').notNull().default(60),
    /** of an API token: what it may do of what its owner may; null: a browser's session */
    scopes: jsonb('scopes').$type<TokenScope[]>(),
    tokenName: text('token_name'),
    /** what the OpenID provider calls its session behind this one: `sid` */
    providerSid: text('provider_sid'),
    createdAt: createdAt(),
    lastSeenAt: at('last_seen_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
    endedAt: at('ended_at'),
    endReason: text('end_reason', { enum: ['signed_out', 'revoked', 'replaced', 'frozen', 'over_cap'] }),
  },
  (t) => [index('sessions_account').on(t.accountId)],
)

/** Browsers an account has completed a sign-in from. */
export const devices = pgTable(
  'devices',
  {
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    device: text('device').notNull(),
    firstSeenAt: at('first_seen_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.device] })],
)

/**
 * Which customers may be a member of staff, or share their home: hashes that are made as the search tokens of customers are,
 * so that either can be found beside the other. Nobody's number or address is kept here.
 */
export const staffTraits = pgTable(
  'staff_traits',
  {
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    field: text('field', { enum: ['name', 'id_number', 'phone', 'address'] }).notNull(),
    token: bytea('token').notNull(),
  },
  (t) => [primaryKey({ columns: [t.field, t.token, t.accountId] }), index('staff_traits_account').on(t.accountId)],
)
