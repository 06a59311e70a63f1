import { z } from 'zod'
import { AccountRecord } from './account.js'
import { AlertRecord } from './alert.js'

/** Where a client stands: the next offsets it has not seen. Sent as the handshake's `auth`. */
export const LiveCursor = z.object({ alerts: z.number().int().nonnegative(), accounts: z.number().int().nonnegative() })
export type LiveCursor = z.infer<typeof LiveCursor>

/** A sampled access for the feed; may be dropped. */
export const FeedItem = z.object({
  id: z.string(),
  time: z.iso.datetime(),
  actor: z.string().optional(),
  actor_name: z.string().optional(),
  action: z.string(),
  outcome: z.string(),
  customer_id: z.string().optional(),
  sample: z.number().describe('one of how many is shown'),
})
export type FeedItem = z.infer<typeof FeedItem>

/** Socket messages, server → client. Both ends are typed from this map. Path /socket.io, namespace /live. */
export const liveMessages = {
  /** every alert and triage change, in order, exactly once per cursor */
  alert: z.object({ offset: z.number().int(), record: AlertRecord }),
  /** every freeze, lift, lift request */
  account: z.object({ offset: z.number().int(), record: AccountRecord }),
  /** once a second while somebody looks; samples may be dropped */
  feed: z.object({ items: z.array(FeedItem), per_minute: z.number() }),
  /** everything up to the log's end at connect has been sent */
  caught_up: z.object({ cursor: LiveCursor }),
  /** the session is over; the socket closes after it */
  bye: z.object({ code: z.string(), message: z.string() }),
} as const
export type LiveMessages = { [K in keyof typeof liveMessages]: (payload: z.infer<(typeof liveMessages)[K]>) => void }
