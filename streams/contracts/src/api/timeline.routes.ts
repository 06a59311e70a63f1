import { z } from 'zod'
import { AccessEvent, FinalOutcome } from '../access-event.js'
import { Page, pageOf } from './common.js'
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
  id: z.string().max(200).optional().describe('of the event'),
})

export const timelineRoutes = defineRoutes({
  events: {
    method: 'GET',
    path: '/events',
    door: 'session',
    needs: 'event.read',
    event: 'list',
    summary: 'Access events, newest first, with filters over everything',
    query: EventQuery,
    reply: pageOf(EventRow),
  },
})
