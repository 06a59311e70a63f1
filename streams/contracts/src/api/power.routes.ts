import { z } from 'zod'
import { Id, IdParam, Reason } from './common.js'
import { Person } from './desk.routes.js'
import { PolicySettings } from './policy.routes.js'
import { defineRoutes } from './route.js'

/** What gives somebody more power than they have: one administrator proposes it, another confirms it. */
export const PowerChange = z.object({
  id: Id,
  kind: z.enum([
    'policy', // a table that opens something to somebody
    'administrator', // the administrator's role for this account
  ]),
  policy: PolicySettings.optional().describe('the settings that would be in force'),
  opens: z
    .array(z.string())
    .describe('of a policy: permissions, fields of a customer and settings that somebody gets more of'),
  account: z.string().optional(),
  account_name: z.string().optional(),
  state: z
    .enum(['waiting', 'done', 'stopped', 'lapsed'])
    .describe(
      'lapsed: nobody confirmed it for 7 days, who asked can no longer sign in, or what it would change has changed',
    ),
  reason: z.string(),
  asked_by: z.string(),
  asked_by_name: z.string(),
  demo: z.boolean().optional().describe('proposed by a demonstration administrator'),
  asked_at: z.iso.datetime(),
  due_at: z.iso.datetime().optional().describe('nobody else could confirm it: it takes effect by itself then'),
  ended_at: z.iso.datetime().optional(),
  ended_by_name: z.string().optional().describe('who confirmed or stopped it; absent: the system'),
})
export type PowerChange = z.infer<typeof PowerChange>

/** Changes of power; docs/policy.md. */
export const powerRoutes = defineRoutes({
  powerChanges: {
    method: 'GET',
    path: '/power-changes',
    door: 'session',
    needs: 'policy.read',
    event: 'list',
    summary: 'Changes of power that wait for a second administrator, and the latest that ended',
    reply: z.object({ items: z.array(PowerChange) }),
  },
  powerConfirm: {
    method: 'POST',
    path: '/power-changes/:id/confirm',
    door: 'session',
    needs: 'power.confirm',
    event: 'role_change',
    stepUp: true,
    summary: 'Another administrator than who asked confirms; it takes effect at once',
    params: IdParam,
    reply: PowerChange,
  },
  deciderConfirm: {
    method: 'POST',
    path: '/accounts/:id/decides',
    door: 'session',
    needs: 'power.confirm',
    event: 'role_change',
    stepUp: true,
    summary:
      'Another administrator than who gave it confirms that this person decides what others ask for: at once, and not after the waiting time',
    params: IdParam,
    body: z.object({
      decides_from: z.iso
        .datetime()
        .describe('`decides.from` of the person as it was seen: what was given since is not confirmed'),
    }),
    reply: Person,
  },
  powerStop: {
    method: 'POST',
    path: '/power-changes/:id/stop',
    door: 'session',
    needs: 'power.stop',
    event: 'approval',
    summary: 'An administrator or an analyst says no to a change of power that waits',
    params: IdParam,
    body: z.object({ reason: Reason }),
  },
  administratorPropose: {
    method: 'POST',
    path: '/accounts/:id/administrator',
    door: 'session',
    needs: 'account.manage',
    event: 'role_change',
    stepUp: true,
    summary: 'Propose that this person becomes administrator, or that a closed administrator is opened again',
    params: IdParam,
    body: z.object({ reason: Reason }),
    reply: PowerChange,
  },
})
