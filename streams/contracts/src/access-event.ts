import { z } from 'zod'

/** What was done. Every protected route of the gateway writes exactly one of these. */
export const AccessAction = z.enum([
  'sign_in', // a person proved who they are, or tried to
  'sign_out', // a person ended a session, or it was ended for them
  'factor_change', // a password, TOTP secret or passkey was added, replaced or removed
  'search', // customers were looked for by a term
  'list', // a list of records, people, alerts or events was read
  'view', // one record was read, masked
  'reveal', // personal fields of one record were read in the clear
  'photo_thumbnail', // a blurred thumbnail; not a photo view
  'photo_view', // a photo at full size on the screen
  'photo_download', // a photo as a file
  'photo_upload', // a photo was added
  'export', // records left the system in a file
  'create',
  'update',
  'delete',
  'consent', // a customer's consent was recorded or withdrawn
  'approval', // something was asked for, granted or denied by a second person
  'rule_change', // a detection rule was added, changed, or switched
  'role_change', // a person was added, or their role, team, branch or token changed
  'freeze', // an account was frozen
  'lift', // a freeze was ended
  'triage', // an alert was acknowledged, assigned, commented, merged or closed, or alerts were silenced
  'restrict', // a measure below a freeze was put on an account, or ended
  'report', // a report was made, read or scheduled
  'admin', // anything else an administrator changes
])
export type AccessAction = z.infer<typeof AccessAction>

/**
 * How it ended. `held`: appended, waiting for the verdict on this very event (see verdict.ts).
 * Rules and reports read the *final* outcome, in which `held` has become `allowed`, `refused` or `expired`.
 */
export const AccessOutcome = z.enum(['granted', 'refused', 'held', 'failed'])
export type AccessOutcome = z.infer<typeof AccessOutcome>

/** `granted` and `allowed` were served; `refused` was not; `expired` was not served but counts as allowed. */
export const FinalOutcome = z.enum(['granted', 'allowed', 'refused', 'expired', 'failed'])
export type FinalOutcome = z.infer<typeof FinalOutcome>

/** How `calendar` ends where the public holidays of that year were not known: weekends alone were days off. */
export const YEAR_UNKNOWN = '-year-unknown'

const id = z.string().min(1).max(200)

/**
 * One access, granted or refused: ids and counts, never values. Flat and snake_case, as rules and SQL read it.
 * Versions only add; a field that is absent is unknown or does not apply.
 */
export const AccessEvent = z.object({
  id: id.describe('UUIDv7 for our own events; `<source>:<id there>` for outside events'),
  v: z.literal(1).describe('version of this schema'),
  time: z.iso.datetime().describe('when it happened, UTC, e.g. 2026-11-22T03:30:38.123Z'),
  source: z.string().min(1).max(64).describe('`custodia`, or the outside system that sent it'),
  actor: id
    .optional()
    .describe('account id; outside accounts are `<source>:<name>`; unknown sign-in names are `hmac:…`'),
  actor_role: z.string().max(32).optional(),
  team: z.string().max(64).optional(),
  branch: z.string().max(64).optional(),
  action: AccessAction,
  outcome: AccessOutcome,
  reason: z.string().max(500).optional().describe('why refused or failed: an error code; or the reason a person gave'),
  subject: id.optional().describe('the account acted upon: freeze, lift, restrict, role_change, factor_change'),
  customer_id: id.optional(),
  record_id: id.optional().describe('photo, alert, rule, report, consent … of the action'),
  record_ids: z
    .array(id)
    .max(1000)
    .optional()
    .describe('a search or list: the ids shown, at most 100; a part of an export: at most 1,000'),
  part_of: id.optional().describe('a part of an export: the id of its header, which alone is judged and counted'),
  fields: z
    .array(z.string().max(64))
    .max(64)
    .optional()
    .describe('which fields were shown or changed; names, never values'),
  count: z.number().int().nonnegative().optional().describe('records or rows in this access'),
  bytes: z.number().int().nonnegative().optional(),
  purpose: z.string().max(64).optional(),
  approval_id: id.optional(),
  ip: z.string().max(255).optional().describe('address, or a host name in outside events'),
  country: z.string().max(2).optional(),
  city: z.string().max(100).optional(),
  asn: z.number().int().optional(),
  device: z.string().max(64).optional().describe('device id of the browser, a hash'),
  user_agent: z.string().max(300).optional(),
  session: z.string().max(64).optional().describe('public id of the session, not its secret'),
  factor: z
    .enum(['password', 'totp', 'passkey', 'recovery_code', 'invitation', 'token', 'oidc', 'sealed_code'])
    .optional()
    .describe(
      'sign_in, factor_change: which factor was tried, added or removed; restrict: which one is locked; token, elsewhere: done with the API token that `session` names',
    ),
  off_hours: z.boolean().optional().describe('outside the business calendar at that moment'),
  workday: z.boolean().optional(),
  calendar: z.string().max(64).optional().describe('version of the calendar used for the two flags'),
  new_device: z
    .boolean()
    .optional()
    .describe(
      'true: the first sign-in of this account from this browser; false, of an attempt: it has signed in from it before',
    ),
  relation: z
    .string()
    .max(64)
    .optional()
    .describe(
      'what the actor and the customer have in common, by keyed hashes, joined with +: self, colleague, same_address, same_phone, same_surname (only beside one of these)',
    ),
  segment: z
    .string()
    .max(64)
    .optional()
    .describe("the customer's business type, where an access is about one customer"),
  moved: z
    .array(z.enum(['network', 'device']))
    .optional()
    .describe('what is no longer as it was when the session began: another network, another browser'),
  run: z
    .number()
    .int()
    .positive()
    .optional()
    .describe(
      'how many customers this session opened in a row, each created after the one before it, or each before it',
    ),
  idle_days: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('a sign-in that completed: whole days since the account was last used, or made'),
  canary: z.boolean().optional().describe('the customer is a decoy: nobody has a reason to find it'),
  amount: z.number().optional().describe('outside transactions: amount in the currency unit'),
  demo: z
    .boolean()
    .optional()
    .describe('made by demo data: kept in the log, left out of reports once the demo is removed'),
  drill: z
    .boolean()
    .optional()
    .describe('made by a drill: judged like any other, marked wherever it shows, in no statistic'),
  request_id: z.string().max(64).optional(),
  writer: z.string().max(64).optional().describe('which writer numbered it'),
  seq: z.number().int().nonnegative().optional().describe("the writer's number, from 0, without gaps"),
  prev: z
    .string()
    .max(64)
    .optional()
    .describe("sha-256 (hex) of the exact bytes of the writer's event before; 64 zeros for seq 0"),
})
export type AccessEvent = z.infer<typeof AccessEvent>

/** Where an event stands in `access-events`. One actor's events share a partition: the lower offset came first. */
export const EventPlace = z.object({ partition: z.number().int(), offset: z.number().int() })
export type EventPlace = z.infer<typeof EventPlace>

/** Accesses that wait for the verdict on their own event before a byte leaves. */
export const heldActions = [
  'photo_view',
  'photo_download',
  'reveal',
  'export',
] as const satisfies readonly AccessAction[]

const aboutAnAccount = new Set<AccessAction>(['freeze', 'lift', 'restrict'])

/**
 * The log key of an event: its actor, so that one actor's events are in order. Freezes, lifts and measures go with the account
 * they are about, because a lift resets that account's windows at an exact place among its own accesses. A missing actor is
 * keyed by address.
 */
export const keyOf = (event: Pick<AccessEvent, 'action' | 'actor' | 'subject' | 'ip' | 'source'>): string =>
  (aboutAnAccount.has(event.action) && event.subject) || event.actor || `${event.source}:${event.ip ?? ''}`
