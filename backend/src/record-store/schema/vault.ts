import type { Consent } from '@custodia/contracts'
import { boolean, index, integer, jsonb, numeric, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { at, bytea, createdAt } from './columns.js'
import { accounts } from './people.js'

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
    /** a decoy, set by `custodia canary`; nobody but rules is told */
    canary: boolean('canary').notNull().default(false),
    /** the import that brought them in */
    importId: text('import_id'),
    createdAt: createdAt(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (t) => [index('customers_branch').on(t.branch, t.createdAt), index('customers_owner').on(t.owner, t.createdAt)],
)

/** HMAC tokens that search runs on: whole values, prefixes, CJK bigrams, tags. Never values. Addresses are compared with those of staff alone. */
export const searchTokens = pgTable(
  'search_tokens',
  {
    customerId: text('customer_id')
      .notNull()
      .references(() => customers.id, { onDelete: 'cascade' }),
    field: text('field', { enum: ['name', 'id_number', 'phone', 'address', 'tag'] }).notNull(),
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
