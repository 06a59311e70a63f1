import { z } from 'zod'

/** Role ids; what each may do is the table in backend/src/gateway/policy.ts. */
export const Role = z.enum(['staff', 'manager', 'analyst', 'auditor', 'admin'])
export type Role = z.infer<typeof Role>

/** A freeze, as PostgreSQL holds it and the `accounts` topic tells it. */
export const Freeze = z.object({
  id: z.string(),
  account: z.string(),
  account_name: z.string().optional().describe('display name of a member of staff, for the desk'),
  reason: z.string(),
  rule: z.string().optional(),
  rule_version: z.string().optional(),
  alert_id: z.string().optional(),
  by: z.string().describe('account id, or `system`'),
  by_name: z.string().optional().describe('like account_name: added for the desk'),
  set_at: z.iso.datetime(),
  until: z.iso.datetime(),
  lifted_at: z.iso.datetime().optional(),
  lifted_by: z.string().optional(),
  lifted_by_name: z.string().optional(),
  lift_reason: z.string().optional(),
})
export type Freeze = z.infer<typeof Freeze>

/** The `accounts` topic, keyed by account: what every gateway must act on at once. */
export const AccountRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('frozen'), freeze: Freeze }),
  z.object({ kind: z.literal('lifted'), freeze: Freeze }),
  z.object({
    kind: z.literal('sessions_revoked'),
    account: z.string(),
    sessions: z.array(z.string()),
    at: z.iso.datetime(),
  }),
  z.object({
    kind: z.literal('lift_requested'),
    account: z.string(),
    account_name: z.string(),
    message: z.string(),
    at: z.iso.datetime(),
  }),
])
export type AccountRecord = z.infer<typeof AccountRecord>
