import { z } from 'zod'
import { Response, Severity } from '../alert.js'
import { Id, IdParam, pageOf } from './common.js'
import { defineRoutes } from './route.js'

/** What somebody who is not looking at a page may have to be told. */
export const NoticeKind = z.enum([
  'alert', // a rule fired
  'freeze', // an account was frozen
  'lift', // a freeze was lifted, or its time was up
  'lift_request', // a frozen person, or the first of two persons, asks for a freeze to be lifted
  'guard', // a rule froze too many, or a sealed account set off a rule
  'backup', // backups are too old, or a drill failed
  'calendar', // the public holidays of the year, or of the next, are not known
  'access_review', // an access review is open, or overdue
  'test', // somebody pressed the test button
])
export type NoticeKind = z.infer<typeof NoticeKind>

const BothLanguages = z.object({ en: z.string(), zh: z.string() })

/** One thing to be told, as it is kept until everybody was told. Names, ids and counts; never what people typed. */
export const StoredNotice = z.object({
  kind: NoticeKind,
  severity: Severity,
  at: z.iso.datetime(),
  title: BothLanguages,
  text: BothLanguages,
  rule: z.string().optional(),
  actor_name: z.string().optional(),
  alert_id: z.string().optional(),
  path: z.string().describe('of the page that tells more'),
  demo: z.boolean().optional(),
  drill: z.boolean().optional(),
})
export type StoredNotice = z.infer<typeof StoredNotice>

export const NoticeLanguage = z.enum(['en', 'zh-CN'])
export type NoticeLanguage = z.infer<typeof NoticeLanguage>

const Address = z
  .string()
  .trim()
  .max(2000)
  .url({ protocol: /^https?$/ })
const Mailbox = z.email().max(254)

/** Where a channel leads, with its secrets. Goes in, is kept encrypted, and is never read back. */
export const ChannelConfig = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('webhook'),
    url: Address,
    secret: z.string().min(32).max(200).describe('key of the signature; docs/notices.md'),
  }),
  z.object({
    kind: z.literal('email'),
    host: z.string().trim().min(1).max(253),
    port: z.number().int().min(1).max(65_535),
    security: z.enum(['tls', 'starttls', 'none']).describe('none: to this machine alone'),
    user: z.string().max(254).optional(),
    password: z.string().max(500).optional(),
    from: Mailbox,
    to: z.array(Mailbox).min(1).max(20),
  }),
  z.object({ kind: z.literal('dingtalk'), url: Address, secret: z.string().min(1).max(200).optional() }),
  z.object({ kind: z.literal('wecom'), url: Address }),
  z.object({ kind: z.literal('feishu'), url: Address, secret: z.string().min(1).max(200).optional() }),
  z.object({ kind: z.literal('slack'), url: Address }),
  z.object({ kind: z.literal('teams'), url: Address }),
])
export type ChannelConfig = z.infer<typeof ChannelConfig>
export type ChannelKind = ChannelConfig['kind']

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'not a time such as 22:00')

/** What a channel is told, when, and in which language. */
const settings = {
  name: z.string().trim().min(1).max(64),
  language: NoticeLanguage,
  enabled: z.boolean(),
  kinds: z.array(NoticeKind.exclude(['test'])).max(10),
  min_severity: Severity.describe('of alerts'),
  responses: z
    .array(Response.shape.do)
    .max(10)
    .describe('alerts whose rule asks for one of these are told whatever their severity'),
  demo: z.boolean().describe('demo alerts, too, marked as such'),
  group_minutes: z.number().int().min(0).max(1440).describe('repeats of a rule and person within are one message'),
  after_minutes: z
    .number()
    .int()
    .min(0)
    .max(1440)
    .describe('on-call order: told only when nobody has acknowledged by then; 0: at once'),
  quiet: z
    .object({ from: Clock, to: Clock, unless: Severity.describe('breaks through from here on') })
    .nullable()
    .describe('quiet hours, in the time zone of the installation'),
}

export const ChannelSettings = z.object(settings)
export type ChannelSettings = z.infer<typeof ChannelSettings>
export const NoticeChannel = ChannelSettings.extend({
  id: Id,
  kind: z.string(),
  target: z.string().describe('the host it leads to'),
  created_at: z.iso.datetime(),
})
export type NoticeChannel = z.infer<typeof NoticeChannel>

export const UndeliveredNotice = z.object({
  id: Id,
  channel: z.string(),
  channel_name: z.string(),
  kind: NoticeKind,
  severity: Severity,
  title: BothLanguages,
  at: z.iso.datetime(),
  state: z.enum(['waiting', 'undelivered']).describe('waiting: tried again by itself'),
  attempts: z.number().int(),
  next_at: z.iso.datetime().optional(),
  error: z.string().describe('of the last attempt; a code, never what the other side said'),
  alert_id: z.string().optional(),
})
export type UndeliveredNotice = z.infer<typeof UndeliveredNotice>

/** What became of one attempt to tell somebody. */
export const NoticeOutcome = z.object({
  outcome: z.enum(['delivered', 'retry', 'refused']),
  error: z.string().optional(),
})
export type NoticeOutcome = z.infer<typeof NoticeOutcome>

export const noticeRoutes = defineRoutes({
  noticeChannels: {
    method: 'GET',
    path: '/notices/channels',
    door: 'session',
    needs: 'notice.manage',
    event: 'list',
    summary: 'Channels of notices, without their secrets',
    reply: pageOf(NoticeChannel),
  },
  noticeChannelCreate: {
    method: 'POST',
    path: '/notices/channels',
    door: 'session',
    needs: 'notice.manage',
    event: 'admin',
    summary: 'Add a channel; where it leads and its secrets are kept encrypted and never read back',
    body: ChannelSettings.extend({ config: ChannelConfig }),
    reply: NoticeChannel,
  },
  noticeChannelUpdate: {
    method: 'PATCH',
    path: '/notices/channels/:id',
    door: 'session',
    needs: 'notice.manage',
    event: 'admin',
    summary: 'Change a channel; a new `config` takes the place of the whole old one',
    params: IdParam,
    body: ChannelSettings.extend({ config: ChannelConfig }).partial(),
    reply: NoticeChannel,
  },
  noticeChannelRemove: {
    method: 'DELETE',
    path: '/notices/channels/:id',
    door: 'session',
    needs: 'notice.manage',
    event: 'admin',
    summary: 'Remove a channel, and what it has not been told yet',
    params: IdParam,
  },
  noticeChannelTest: {
    method: 'POST',
    path: '/notices/channels/:id/test',
    door: 'session',
    needs: 'notice.manage',
    event: 'admin',
    summary: 'Send a test notice now, and say what became of it',
    params: IdParam,
    reply: NoticeOutcome,
  },
  noticesUndelivered: {
    method: 'GET',
    path: '/notices/undelivered',
    door: 'session',
    needs: 'notice.read',
    event: 'list',
    summary: 'Notices that failed at least once and have not arrived, newest first, 100 at the most',
    reply: pageOf(UndeliveredNotice),
  },
  noticeRetry: {
    method: 'POST',
    path: '/notices/undelivered/:id/retry',
    door: 'session',
    needs: 'notice.retry',
    event: 'admin',
    summary: 'Try an undelivered notice again, now, and for a day more if it fails; says what became of it now',
    params: IdParam,
    reply: NoticeOutcome,
  },
})
