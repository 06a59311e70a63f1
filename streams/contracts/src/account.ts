import { z } from 'zod'
import { AccessAction, EventPlace } from './access-event.js'
import { Severity } from './alert.js'

/** Role ids; what each may do is the table in backend/src/gateway/policy.ts. */
export const Role = z.enum([
  'staff',
  'service', // customer service: own customers' basics
  'finance', // transactions, and no more of the customer than it takes to tell whose they are
  'manager',
  'analyst',
  'auditor',
  'admin',
])
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
  cause: EventPlace.optional().describe(
    'of the event that led to it: what was allowed before that is still served; absent: nothing is',
  ),
  by: z.string().describe('account id, or `system`'),
  by_name: z.string().optional().describe('like account_name: added for the desk'),
  set_at: z.iso.datetime(),
  until: z.iso.datetime(),
  lifted_at: z.iso.datetime().optional(),
  lifted_by: z.string().optional(),
  lifted_by_name: z.string().optional(),
  lift_reason: z.string().optional(),
  severity: Severity.optional().describe('of the rule'),
  two_persons: z
    .boolean()
    .optional()
    .describe('nobody lifts it alone: a rule of high severity froze by itself, whatever was put over that'),
  lift_asked_by: z.string().optional().describe('the first of the two persons'),
  lift_asked_by_name: z.string().optional(),
  lift_asked_at: z.iso.datetime().optional(),
  lift_asked_reason: z.string().optional(),
  drill: z.boolean().optional().describe('of an account that a drill made'),
})
export type Freeze = z.infer<typeof Freeze>

/** What can be put on an account below a freeze, mildest first. */
export const MeasureKind = z.enum([
  'step_up', // a held access asks for a fresh passkey or code of its own
  'throttle', // accesses to customers' data are few and far between
  'mask', // plain values come masked, photos blurred
  'block', // one kind of access is refused
])
export type MeasureKind = z.infer<typeof MeasureKind>

/** A measure in force on an account: of several of one kind the one that lasts longest. */
export const Measure = z.object({
  kind: MeasureKind,
  action: AccessAction.optional().describe('block: the kind of access that is refused'),
  rule: z.string(),
  rule_version: z.string(),
  alert_id: z.string(),
  reason: z.string(),
  until: z.iso.datetime(),
})
export type Measure = z.infer<typeof Measure>

/** What another person did about somebody's request. */
export const ApprovalStep = z.enum(['approved', 'denied', 'revoked', 'justified', 'not_justified'])
export type ApprovalStep = z.infer<typeof ApprovalStep>

/** The `accounts` topic, keyed by account: what every gateway must act on at once. */
export const AccountRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('frozen'), freeze: Freeze }),
  z.object({ kind: z.literal('lifted'), freeze: Freeze }),
  z.object({ kind: z.literal('lift_asked'), freeze: Freeze }),
  z.object({ kind: z.literal('measured'), account: z.string(), measures: z.array(Measure), at: z.iso.datetime() }),
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
  z.object({
    kind: z.literal('approval_moved'),
    account: z.string().describe('whoever asked for it'),
    approval: z.string(),
    step: ApprovalStep,
    at: z.iso.datetime(),
  }),
  z.object({
    kind: z.literal('review_begun'),
    account: z.string().describe('whose people are reviewed'),
    review: z.string(),
    people: z.number().int(),
    at: z.iso.datetime(),
  }),
])
export type AccountRecord = z.infer<typeof AccountRecord>
