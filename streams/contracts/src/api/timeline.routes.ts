import { z } from 'zod'
import { AccessEvent, FinalOutcome } from '../access-event.js'
import { PersonUsual } from '../baseline.js'
import { IdParam, Page, pageOf } from './common.js'
import { eventFieldQuery } from './event-fields.js'
import { defineRoutes } from './route.js'

/** An event as people read it: with its final outcome and the names behind the ids. */
export const EventRow = AccessEvent.extend({
  final_outcome: FinalOutcome,
  actor_name: z.string().optional(),
  verdict_rule: z.string().optional(),
})
export type EventRow = z.infer<typeof EventRow>

export const EventQuery = Page.extend({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  actor: z.string().max(200).optional().describe('who did it, or to whom it was done'),
  customer_id: z.string().max(200).optional().describe('shown by itself, or in a search, list or export'),
  action: z.string().max(32).optional(),
  outcome: z.string().max(32).optional(),
  ip: z.string().max(255).optional(),
  rule: z.string().max(200).optional().describe('refused, frozen or restricted by this rule'),
  purpose: z.string().max(64).optional(),
  id: z.string().max(200).optional().describe('of the event'),
  text: z
    .string()
    .max(200)
    .optional()
    .describe('any id: of the event, record, request, session, device or account; exactly as it is'),
  alert: z.string().max(100).optional().describe('what this alert counted'),
  ...eventFieldQuery,
})

/** `searched_to`: so far back was looked; with `next` the search goes on from there, even when nothing was found yet. */
const Found = pageOf(EventRow).extend({ searched_to: z.iso.datetime().optional() })

const Seen = { first: z.iso.datetime(), last: z.iso.datetime(), events: z.number().int() }
export const PersonTimeline = z.object({
  name: z.string().optional(),
  at: z.iso.datetime(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  events: z.array(EventRow).describe('newest first; what the person did, and what was done to them'),
  cut: z.boolean().describe('there are more than these in this stretch'),
  devices: z.array(z.object({ device: z.string(), user_agent: z.string().optional(), new: z.boolean(), ...Seen })),
  places: z.array(z.object({ ip: z.string(), country: z.string().optional(), city: z.string().optional(), ...Seen })),
  gaps: z
    .array(z.object({ from: z.iso.datetime(), to: z.iso.datetime() }))
    .describe('half an hour or more without any access between two'),
  earlier: z.iso.datetime().optional().describe('the last access before this stretch'),
  later: z.iso.datetime().optional().describe('the first access after it'),
})
export type PersonTimeline = z.infer<typeof PersonTimeline>

/** With the name behind the id. */
const NamedUsual = PersonUsual.extend({ name: z.string().optional() })

export const timelineRoutes = defineRoutes({
  events: {
    method: 'GET',
    path: '/events',
    door: 'session',
    needs: 'event.read',
    event: 'list',
    summary: 'Access events, newest first, with filters over everything',
    query: EventQuery,
    reply: Found,
  },
  personTimeline: {
    method: 'GET',
    path: '/people/:id/timeline',
    door: 'session',
    needs: 'event.read',
    event: 'list',
    summary:
      'Hours of one person around a moment (else the last access): what, from which devices and places, with what gaps',
    params: IdParam,
    query: z.object({
      at: z.iso.datetime().optional(),
      hours: z.coerce.number().int().min(1).max(48).default(3).describe('before and after'),
    }),
    reply: PersonTimeline,
  },
  personUsual: {
    method: 'GET',
    path: '/people/:id/usual',
    door: 'session',
    needs: 'alert.triage',
    event: 'list',
    summary:
      'What is usual for one person and their peers, by day and by hour of the week, and the risk score with its parts',
    params: IdParam,
    reply: NamedUsual,
  },
})
