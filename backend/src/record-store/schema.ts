import type {
  AccessAction,
  Alert,
  ChannelKind,
  ChannelSettings,
  Consent,
  EventPlace,
  Measure,
  Report,
  StoredNotice,
} from '@custodia/contracts'
import { sql } from 'drizzle-orm'
import {
  bigserial,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })
const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })
const createdAt = () => at('created_at').notNull().defaultNow()

/** People who sign in. Passwords are argon2id hashes; the TOTP secret is sealed. */
export const accounts = pgTable(
  'accounts',
  {
    id: text('id').primaryKey(),
    username: text('username').notNull(),
    displayName: text('display_name').notNull(),
    role: text('role', { enum: ['staff', 'manager', 'analyst', 'auditor', 'admin'] }).notNull(),
    team: text('team').notNull().default(''),
    branch: text('branch').notNull().default(''),
    status: text('status', { enum: ['active', 'disabled'] })
      .notNull()
      .default('active'),
    passwordHash: text('password_hash').notNull(),
    totpSecret: bytea('totp_secret'),
    /** begun and not confirmed; until then the secret before it goes on working */
    totpPending: bytea('totp_pending'),
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
    /** sealed for emergencies: never frozen by a rule, and loud */
    breakGlass: boolean('break_glass').notNull().default(false),
    demo: boolean('demo').notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex('accounts_username').on(sql`lower(${t.username})`)],
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

/** Server-side sessions. The cookie holds a random token; only its SHA-256 is here. */
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
    createdAt: createdAt(),
    lastSeenAt: at('last_seen_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
    endedAt: at('ended_at'),
    endReason: text('end_reason', { enum: ['signed_out', 'revoked', 'replaced', 'frozen'] }),
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

/** A customer. Every personal field is sealed by a data key of this row; `dataKey` is that key, wrapped. */
export const customers = pgTable(
  'customers',
  {
    id: text('id').primaryKey(),
    dataKey: bytea('data_key').notNull(),
    name: bytea('name').notNull(),
    idNumber: bytea('id_number').notNull(),
    phone: bytea('phone'),
    email: bytea('email'),
    address: bytea('address'),
    accountNumber: bytea('account_number'),
    businessType: text('business_type').notNull(),
    owner: text('owner')
      .notNull()
      .references(() => accounts.id),
    team: text('team').notNull(),
    branch: text('branch').notNull(),
    demo: boolean('demo').notNull().default(false),
    /** the import that brought them in */
    importId: text('import_id'),
    createdAt: createdAt(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (t) => [index('customers_branch').on(t.branch, t.createdAt), index('customers_owner').on(t.owner, t.createdAt)],
)

/** HMAC tokens that search runs on: whole values, prefixes, CJK bigrams, tags. Never values. */
export const searchTokens = pgTable(
  'search_tokens',
  {
    customerId: text('customer_id')
      .notNull()
      .references(() => customers.id, { onDelete: 'cascade' }),
    field: text('field', { enum: ['name', 'id_number', 'phone', 'tag'] }).notNull(),
    token: bytea('token').notNull(),
  },
  (t) => [primaryKey({ columns: [t.field, t.token, t.customerId] }), index('search_tokens_customer').on(t.customerId)],
)

/** Tags are sealed with the customer's data key like the personal fields. */
export const customerTags = pgTable(
  'customer_tags',
  {
    customerId: text('customer_id')
      .notNull()
      .references(() => customers.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    tag: bytea('tag').notNull(),
  },
  (t) => [primaryKey({ columns: [t.customerId, t.position] })],
)

export const photos = pgTable(
  'photos',
  {
    id: text('id').primaryKey(),
    customerId: text('customer_id')
      .notNull()
      .references(() => customers.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: ['id_front', 'id_back', 'face', 'document'] }).notNull(),
    contentType: text('content_type', { enum: ['image/jpeg', 'image/png', 'image/webp'] }).notNull(),
    bytes: integer('bytes').notNull(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    capturedAt: at('captured_at').notNull(),
    /** keys in the photo store; the objects are sealed envelopes that carry their own wrapped data key */
    objectKey: text('object_key').notNull(),
    thumbnailKey: text('thumbnail_key').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
  },
  (t) => [index('photos_customer').on(t.customerId), index('photos_captured').on(t.capturedAt)],
)

export const consents = pgTable(
  'consents',
  {
    id: text('id').primaryKey(),
    customerId: text('customer_id')
      .notNull()
      .references(() => customers.id, { onDelete: 'cascade' }),
    givenAt: at('given_at').notNull(),
    informationTypes: jsonb('information_types').$type<Consent['information_types']>().notNull(),
    purposes: jsonb('purposes').$type<Consent['purposes']>().notNull(),
    way: text('way', { enum: ['pop_up', 'signature', 'paper'] }).notNull(),
    until: at('until'),
    /** what tells of it, where the customer was imported */
    source: text('source'),
    recordedBy: text('recorded_by').notNull(),
    withdrawnAt: at('withdrawn_at'),
    createdAt: createdAt(),
  },
  (t) => [index('consents_customer').on(t.customerId)],
)

export const transactions = pgTable(
  'transactions',
  {
    id: text('id').primaryKey(),
    customerId: text('customer_id')
      .notNull()
      .references(() => customers.id, { onDelete: 'cascade' }),
    at: at('at').notNull(),
    kind: text('kind', { enum: ['payment', 'transfer', 'withdrawal', 'loan'] }).notNull(),
    amount: numeric('amount', { precision: 18, scale: 2, mode: 'number' }).notNull(),
    currency: text('currency').notNull(),
    counterparty: bytea('counterparty'),
  },
  (t) => [index('transactions_customer').on(t.customerId, t.at)],
)

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
export const outbox = pgTable('outbox', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  topic: text('topic', { enum: ['alerts', 'accounts'] }).notNull(),
  key: text('key').notNull(),
  value: jsonb('value').notNull(),
  createdAt: createdAt(),
})

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

/** Where notices go. Address and secrets are sealed together. */
export const noticeChannels = pgTable('notice_channels', {
  id: text('id').primaryKey(),
  kind: text('kind').$type<ChannelKind>().notNull(),
  settings: jsonb('settings').$type<ChannelSettings>().notNull(),
  /** the host it leads to */
  target: text('target').notNull(),
  config: bytea('config').notNull(),
  createdAt: createdAt(),
})

/** What there was to be told, in both languages: names, ids and counts. */
export const notices = pgTable('notices', {
  id: text('id').primaryKey(),
  notice: jsonb('notice').$type<StoredNotice>().notNull(),
  createdAt: createdAt(),
})

/** One message to one channel, once. What joins an earlier one of its group is counted there. */
export const noticeDeliveries = pgTable(
  'notice_deliveries',
  {
    id: text('id').primaryKey(),
    noticeId: text('notice_id')
      .notNull()
      .references(() => notices.id, { onDelete: 'cascade' }),
    channelId: text('channel_id')
      .notNull()
      .references(() => noticeChannels.id, { onDelete: 'cascade' }),
    state: text('state', { enum: ['waiting', 'sent', 'joined', 'not_needed', 'undelivered'] })
      .notNull()
      .default('waiting'),
    groupKey: text('group_key').notNull(),
    /** how many of its group this message stands for */
    repeats: integer('repeats').notNull().default(1),
    attempts: integer('attempts').notNull().default(0),
    /** null: of a state that nothing follows */
    dueAt: at('due_at'),
    /** a gateway is sending it; when that gateway died, it is free again after this */
    claimedUntil: at('claimed_until'),
    giveUpAt: at('give_up_at').notNull(),
    error: text('error'),
    sentAt: at('sent_at'),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('notice_deliveries_once').on(t.noticeId, t.channelId),
    index('notice_deliveries_due').on(t.dueAt),
    index('notice_deliveries_group').on(t.channelId, t.groupKey, t.createdAt),
  ],
)

/** Small facts about this installation: setup, demo data, positions. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  value: jsonb('value').notNull(),
})
