import { z } from 'zod'
import { Freeze } from '../account.js'
import { Alert, Severity } from '../alert.js'
import { AlertChange, AlertContext, AlertState, AlertVerdict, Silence, Triage } from '../triage.js'
import { RuleAdvice } from '../rule.js'
import { Id, IdParam, LEAST_TOLD, Page, pageOf, Reason } from './common.js'
import { defineRoutes } from './route.js'
import { EventRow } from './timeline.routes.js'

export const AlertWithTriage = Alert.extend({
  triage: Triage,
  context: AlertContext.optional().describe('absent: not looked up yet'),
})
export type AlertWithTriage = z.infer<typeof AlertWithTriage>

/** The version that the reader saw; when somebody changed the alert since, the answer is `conflict` with AlertConflict in it. */
const Seen = z.object({ version: z.number().int() })
const Note = z.string().trim().min(LEAST_TOLD).max(2000)

export const AlertQuery = Page.extend({
  state: AlertState.optional(),
  actor: z.string().max(200).optional(),
  assignee: z.string().max(200).optional(),
  rule: z.string().max(200).optional(),
  severity: Severity.optional(),
  hidden: z.enum(['true', 'false']).default('true').describe('false: without what is silenced or merged into another'),
})

const change = { method: 'POST', door: 'session', needs: 'alert.triage', event: 'triage', params: IdParam } as const

export const triageRoutes = defineRoutes({
  alerts: {
    method: 'GET',
    path: '/alerts',
    door: 'session',
    needs: 'alert.read',
    event: 'list',
    summary: 'Alerts, newest first',
    query: AlertQuery,
    reply: pageOf(AlertWithTriage),
  },
  alert: {
    method: 'GET',
    path: '/alerts/:id',
    door: 'session',
    needs: 'alert.read',
    event: 'view',
    summary: 'One alert with its evidence, its history and its repeats',
    params: IdParam,
    reply: AlertWithTriage.extend({
      events: z.array(EventRow),
      freeze: Freeze.optional(),
      advice: RuleAdvice.optional().describe(
        'what to do, by the rule in force; absent: there is none of that name any more',
      ),
      changes: z.array(AlertChange).describe('oldest first'),
      repeats: z
        .array(z.object({ id: z.string(), time: z.iso.datetime(), value: z.number(), merged: z.boolean() }))
        .describe('of the same rule and group: merged into this one, or not closed and could be; newest first'),
    }),
  },
  alertAcknowledge: {
    ...change,
    path: '/alerts/:id/acknowledge',
    summary: 'Acknowledge an alert: somebody looks at it',
    body: Seen,
    reply: Triage,
  },
  alertBegin: {
    ...change,
    path: '/alerts/:id/begin',
    summary: 'Take an alert into work',
    body: Seen,
    reply: Triage,
  },
  alertClose: {
    ...change,
    path: '/alerts/:id/close',
    summary: 'Close an alert with a verdict and a note',
    body: Seen.extend({ verdict: AlertVerdict, note: Note }),
    reply: Triage,
  },
  alertReopen: {
    ...change,
    path: '/alerts/:id/reopen',
    summary: 'Open a closed alert again, with the reason',
    body: Seen.extend({ note: Note }),
    reply: Triage,
  },
  alertAssign: {
    ...change,
    path: '/alerts/:id/assign',
    summary: 'Give an alert to somebody who may work on it, or to nobody',
    body: Seen.extend({ assignee: Id.nullable() }),
    reply: Triage,
  },
  alertComment: {
    ...change,
    path: '/alerts/:id/comments',
    summary: 'Add a comment; comments overwrite nothing and need no version',
    body: z.object({ text: Note }),
    reply: Triage,
  },
  alertMerge: {
    ...change,
    path: '/alerts/:id/merge',
    summary: 'Merge repeats (of the same rule and group) into this alert',
    body: Seen.extend({ ids: z.array(Id).min(1).max(100) }),
    reply: Triage,
  },
  alertSplit: {
    ...change,
    path: '/alerts/:id/split',
    summary: 'Take a merged alert out of the one it was merged into',
    body: Seen,
    reply: Triage,
  },
  silences: {
    method: 'GET',
    path: '/silences',
    door: 'session',
    needs: 'alert.read',
    event: 'list',
    summary: 'Silences in force, and those that ended in the last 7 days',
    reply: pageOf(Silence),
  },
  silenceCreate: {
    method: 'POST',
    path: '/silences',
    door: 'session',
    needs: 'alert.triage',
    event: 'triage',
    summary: 'Put the alerts of a rule aside for a time: on pages and in notices, never in detection or response',
    body: z.object({
      rule: z.string().min(1).max(200),
      actor: z.string().min(1).max(200).optional(),
      minutes: z.number().int().min(1).max(43_200),
      reason: Reason,
    }),
    reply: Silence,
  },
  silenceEnd: {
    method: 'DELETE',
    path: '/silences/:id',
    door: 'session',
    needs: 'alert.triage',
    event: 'triage',
    summary: 'End a silence before its time',
    params: IdParam,
    reply: Silence,
  },
})
