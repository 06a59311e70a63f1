import { z } from 'zod'
import { Alert } from './alert.js'

/** What becomes of an alert: somebody sees it, takes it into work, and closes it with a verdict. A closed one can be reopened. */
export const AlertState = z.enum(['open', 'acknowledged', 'in_work', 'closed'])
export type AlertState = z.infer<typeof AlertState>

/** `true`: it was what the rule looks for; `false`: the rule was wrong; `benign`: the rule was right, and the access was allowed. */
export const AlertVerdict = z.enum(['true', 'false', 'benign'])
export type AlertVerdict = z.infer<typeof AlertVerdict>

/** Where people stand with an alert; lives in PostgreSQL and travels through the outbox. Never read by detection. */
export const Triage = z.object({
  alert_id: z.string(),
  state: AlertState,
  verdict: AlertVerdict.optional().describe('of a closed one'),
  assignee: z.string().optional().describe('whose it is'),
  assignee_name: z.string().optional().describe('like by_name: added for the desk, never in the log'),
  merged_into: z.string().optional().describe('the alert that stands for this repeat of it'),
  repeats: z.number().int().optional().describe('how many alerts were merged into this one'),
  comments: z.number().int().optional(),
  by: z.string().optional().describe('who changed it last'),
  by_name: z.string().optional(),
  at: z.iso.datetime().optional(),
  version: z.number().int().describe('for optimistic locking; grows by one with each change'),
})
export type Triage = z.infer<typeof Triage>

export const AlertChangeKind = z.enum([
  'acknowledge',
  'begin', // taken into work
  'close',
  'reopen',
  'assign',
  'comment',
  'merge', // repeats were merged into it
  'merged', // it was merged into another one
  'split', // it stands for itself again
])
export type AlertChangeKind = z.infer<typeof AlertChangeKind>

/** One step in an alert's life. What people typed stays in PostgreSQL: it may hold anything. */
export const AlertChange = z.object({
  version: z.number().int().describe('of the alert after it'),
  kind: AlertChangeKind,
  at: z.iso.datetime(),
  by: z.string(),
  by_name: z.string().optional(),
  verdict: AlertVerdict.optional(),
  assignee: z.string().optional(),
  assignee_name: z.string().optional(),
  text: z.string().optional().describe('the note of a verdict, or a comment'),
  count: z.number().int().optional().describe('merge: how many'),
  other: z.string().optional().describe('merged: into which'),
})
export type AlertChange = z.infer<typeof AlertChange>

/** What a `conflict` about an alert adds: how it stands, and what was done since the version that the reader saw. */
export const AlertConflict = z.object({ triage: Triage, changes: z.array(AlertChange) })
export type AlertConflict = z.infer<typeof AlertConflict>

/**
 * For a time the alerts of a rule (of one person, or of all) are put aside on pages and told to nobody. Detection and response
 * never see it: what is refused or frozen goes on being refused and frozen.
 */
export const Silence = z.object({
  id: z.string(),
  rule: z.string(),
  actor: z.string().optional().describe('of this person alone'),
  actor_name: z.string().optional(),
  reason: z.string().optional().describe('for the desk; never in the log'),
  owner: z.string(),
  owner_name: z.string().optional(),
  set_at: z.iso.datetime(),
  until: z.iso.datetime(),
  ended_at: z.iso.datetime().optional(),
  ended_by: z.string().optional(),
  ended_by_name: z.string().optional(),
})
export type Silence = z.infer<typeof Silence>

/** Alerts of the system about itself: nobody silences them. */
export const loudRules: readonly string[] = [
  'freeze-guard',
  'break-glass',
  'factor-reset',
  'break-glass-access',
  'break-glass-review',
  'leavers-stopped',
  'access-review-overdue',
  'power-change',
]

/** Whether a silence puts an alert aside at `now`. Nobody silences alerts about themselves. */
export const isSilencedBy = (alert: Pick<Alert, 'rule' | 'actor'>, silence: Silence, now: number): boolean =>
  silence.ended_at === undefined &&
  Date.parse(silence.until) > now &&
  silence.rule === alert.rule &&
  !loudRules.includes(alert.rule) &&
  (silence.actor === undefined || silence.actor === alert.actor) &&
  silence.owner !== alert.actor

/** The numbers of an alert that only the audit store knows; looked up soon after it was raised, and once more when its window is over. */
export const AlertContext = z.object({
  alert_id: z.string(),
  at: z.iso.datetime().describe('when it was looked up'),
  served: z.number().optional().describe('what was served of what the rule counts'),
  seconds: z.number().optional().describe('from the first to the last of what was counted'),
  refused: z
    .number()
    .int()
    .optional()
    .describe('attempts of the same kind that were refused from the firing on, for one window; absent: cannot be told'),
  usual: z
    .object({
      value: z.number().optional().describe('median; absent: too little is known to say'),
      weeks: z.number().int().describe('of the four weeks before, those with any access'),
    })
    .optional()
    .describe('what is usual for this hour of the week; absent: cannot be counted for this rule'),
  passes_at: z.iso.datetime().optional().describe('from when on the same access would not have fired'),
  off_hours: z.literal(true).optional().describe('all that was counted was done outside working hours'),
})
export type AlertContext = z.infer<typeof AlertContext>

/** The `alerts` topic: what detection raised, and what became of it. */
export const AlertRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('raised'), alert: Alert }),
  z.object({ kind: z.literal('triage'), triage: Triage }),
  z.object({ kind: z.literal('context'), context: AlertContext }),
  z.object({ kind: z.literal('silence'), silence: Silence }),
])
export type AlertRecord = z.infer<typeof AlertRecord>
