import { z } from 'zod'
import { AccessEvent, FinalOutcome } from './access-event.js'

/**
 * An event on its way to a rule that is not judged at the event's own partition. A `tick` says that every event received before
 * `until` has been sent on: it is logged so that a replay releases the same events in the same order.
 */
export const Rekeyed = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('event'),
    rules: z.array(z.string()).describe('names of the rules to judge it by, under this key'),
    event: AccessEvent,
    outcome: FinalOutcome.describe('what the rules are to read: the verdict of a held access, else its own outcome'),
    judged_at: z.iso.datetime().describe('log-append time for our own events, `time` for outside events'),
    received_at: z.iso.datetime().describe('log-append time in access-events'),
    partition: z.number().int(),
    offset: z.number().int(),
  }),
  z.object({ kind: z.literal('tick'), until: z.iso.datetime() }),
])
export type Rekeyed = z.infer<typeof Rekeyed>

/**
 * An event that reached its key after something of a later time had been judged there. It is judged where it came: behind that,
 * and behind those that came late before it. Whoever asks again what the rules said puts it at the same place. Or one of long ago,
 * judged in its order, when rules had forgotten its key: then it is behind itself.
 */
export const LateEvent = z.object({
  event_id: z.string(),
  received_at: z.iso
    .datetime()
    .describe(
      'log-append time in access-events: an id that is sent again when it is not known any more is another event',
    ),
  key: z.string().describe('the key under which it came late: of the re-keyed record'),
  time: z.iso
    .datetime()
    .describe('when it would have been judged: log-append time for our own events, `time` for outside events'),
  judged_at: z.iso.datetime().describe('when it was: the time of the event that it came behind'),
  after: z.string().describe('id of that event'),
  offset: z.number().int().describe('of the re-keyed record: of several behind one event the lower comes first'),
  passed_over: z.array(z.string()).describe('rules that did not count it: their windows do not reach back so far'),
  afresh: z
    .array(z.string())
    .optional()
    .describe('rules that had forgotten the key, and began afresh with it; absent where none had, and in old records'),
  since: z.iso
    .datetime()
    .optional()
    .describe(
      'what these rules know under the key from then on was received then or later, what they had forgotten before',
    ),
})
export type LateEvent = z.infer<typeof LateEvent>

/** One chunk of a partition's detection state: windows and suppression after everything before `offset`. */
export const DetectionSnapshot = z.object({
  stage: z.enum(['direct', 'rekeyed']),
  partition: z.number().int(),
  offset: z.number().int(),
  chunk: z.number().int(),
  chunks: z.number().int(),
  state: z.string(),
})
export type DetectionSnapshot = z.infer<typeof DetectionSnapshot>

/** A record nobody could use: visible, with the reason and the exact place and bytes. */
export const DeadLetter = z.object({
  topic: z.string(),
  partition: z.number().int(),
  offset: z.number().int(),
  step: z.string().describe('name of the step that gave up'),
  reason: z.string(),
  value_base64: z.string(),
  time: z.iso.datetime(),
})
export type DeadLetter = z.infer<typeof DeadLetter>
