import { z } from 'zod'

/**
 * The answer to one held access. Detection writes `allowed` or `refused`; the gateway writes `expired` when it stopped
 * waiting. Of several for one event the strictest counts: refused, then expired, then allowed.
 */
export const Verdict = z.object({
  event_id: z.string(),
  verdict: z.enum(['allowed', 'refused', 'expired']),
  actor: z.string().optional(),
  rule: z.string().optional().describe('name of the rule that refused'),
  rule_version: z.string().optional(),
  limit: z.number().optional().describe('the N of the rule that refused'),
  time: z.iso.datetime(),
})
export type Verdict = z.infer<typeof Verdict>
