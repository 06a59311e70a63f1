import { z } from 'zod'
import { AccessAction, EventPlace } from './access-event.js'
import { Risk, UsualFact } from './baseline.js'

export const Severity = z.enum(['informational', 'low', 'medium', 'high', 'critical'])
export type Severity = z.infer<typeof Severity>

/** A response a rule asks for, with its duration in seconds where it has one. */
export const Response = z.object({
  do: z.enum(['alert', 'notify', 'step_up', 'throttle', 'mask', 'block', 'freeze']),
  for_seconds: z.number().int().positive().optional(),
})
export type Response = z.infer<typeof Response>

/** One firing of a rule that was not suppressed. Decided by detection, never changed after. */
export const Alert = z.object({
  id: z.string().describe('hash(rule, version, group, id of the event that fired it), hex'),
  time: z.iso.datetime().describe('time of the firing event as the rule judged it'),
  rule: z.string().describe('Sigma name of the rule'),
  rule_version: z.string(),
  title: z.string(),
  text: z.object({ en: z.string(), zh: z.string() }).describe('the sentence, numbers filled in'),
  severity: Severity,
  mode: z.enum(['shadow', 'live']),
  group: z.record(z.string(), z.string()).describe('group-by field → value; empty for one global group'),
  actor: z
    .string()
    .optional()
    .describe('the account the responses apply to; absent when the rule is grouped by something else'),
  actor_name: z
    .string()
    .optional()
    .describe('display name; the gateway adds it for people to read, it is never in the log'),
  source: z.string().describe('source of the firing event'),
  value: z.number().describe('what was counted, e.g. 51 customers'),
  limit: z.number().optional(),
  window_seconds: z.number().int().optional(),
  counted: z
    .object({ type: z.string(), fields: z.array(z.string()) })
    .optional()
    .describe(
      'how the rule counts, e.g. value_count of customer_id; absent: a single event is enough, or an older alert',
    ),
  held: z.boolean().optional().describe('the event that fired it was held, and refused'),
  event_id: z.string().describe('the event that fired it'),
  event_at: EventPlace.optional().describe('where that event stands; absent: an outside event'),
  action: AccessAction.optional().describe('what that event did; `block` refuses this kind of access'),
  evidence: z.array(z.string()).max(1000).describe('ids of the events counted, oldest first; the rest by query'),
  evidence_total: z.number().int(),
  respond: z.array(Response),
  may_freeze: z.boolean().describe('false for outside events'),
  usual: z
    .array(UsualFact)
    .optional()
    .describe('what of this kind the person did, and what is usual, as known when the event was judged'),
  risk: Risk.optional().describe('the risk score of the person after the event, and what it is made of'),
  late: z
    .boolean()
    .optional()
    .describe('the firing event came late to its key, and was judged behind what had come before it'),
  cut: z
    .boolean()
    .optional()
    .describe('the window held as much as a window may: its oldest entries are neither in `value` nor in the evidence'),
  demo: z.boolean().optional(),
  drill: z.boolean().optional().describe('the event that fired it was made by a drill'),
})
export type Alert = z.infer<typeof Alert>
