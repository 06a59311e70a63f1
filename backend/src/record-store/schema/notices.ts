import type { ChannelKind, ChannelSettings, StoredNotice } from '@custodia/contracts'
import { index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { at, bytea, createdAt } from './columns.js'

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
