import { z } from 'zod'
import { AccountRecord, ApprovalStep } from './account.js'
import { AlertRecord } from './triage.js'

/**
 * Where a client stands: in which log, and the next offset of each topic that it has not seen. Sent as the handshake's `auth`;
 * every gateway takes it, for all of them read the same log.
 */
export const LiveCursor = z.object({
  log: z.string().max(64).describe('which log these offsets count in: a restored one is another'),
  alerts: z.number().int().nonnegative(),
  accounts: z.number().int().nonnegative(),
})
export type LiveCursor = z.infer<typeof LiveCursor>

/** One record of either topic, with its place. */
export const LiveItem = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('alerts'), offset: z.number().int(), record: AlertRecord }),
  z.object({ topic: z.literal('accounts'), offset: z.number().int(), record: AccountRecord }),
])
export type LiveItem = z.infer<typeof LiveItem>

/** A sampled access for the feed; may be dropped. */
export const FeedItem = z.object({
  id: z.string(),
  time: z.iso.datetime(),
  actor: z.string().optional(),
  actor_name: z.string().optional(),
  action: z.string(),
  outcome: z.string(),
  customer_id: z.string().optional(),
  drill: z.boolean().optional(),
  sample: z.number().describe('one of how many is shown'),
})
export type FeedItem = z.infer<typeof FeedItem>

/**
 * Socket messages, server → client. Both ends are typed from this map. Path /socket.io, namespace /live, and for `own` /own; docs/live.md says
 * what holds when a connection breaks.
 */
export const liveMessages = {
  /** first of all: where this connection goes on. Not resumed: what the page knew is not continued, it loads anew. */
  begin: z.object({ cursor: LiveCursor, resumed: z.boolean() }),
  /** alerts, triage and account states, in order, each once; the next ones come when these are acknowledged */
  records: z.object({ items: z.array(LiveItem), cursor: LiveCursor.describe('where the client stands with these') }),
  /** everything up to the log's end at connect has been sent */
  caught_up: z.object({ cursor: LiveCursor }),
  /** once a second while somebody looks: a sample, of which any may be dropped */
  feed: z.object({ items: z.array(FeedItem), per_minute: z.number() }),
  /** what became of a request of the reader's own, or a review of their people; the first one, which holds nothing: from here on it is told */
  own: z.object({
    approval: z.object({ id: z.string(), step: ApprovalStep }).optional(),
    review: z.object({ id: z.string(), people: z.number().int() }).optional(),
  }),
  /** the session is over; the socket closes after it */
  bye: z.object({ code: z.string(), message: z.string() }),
} as const
type Payload<K extends keyof typeof liveMessages> = z.infer<(typeof liveMessages)[K]>
export type LiveMessages = { [K in Exclude<keyof typeof liveMessages, 'records'>]: (payload: Payload<K>) => void } & {
  records: (payload: Payload<'records'>, received: () => void) => void
}
