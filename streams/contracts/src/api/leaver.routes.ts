import { z } from 'zod'
import { Reason } from './common.js'
import { defineRoutes } from './route.js'

/** Who says that somebody has left. */
export const LeaverSource = z.enum(['scim', 'file', 'directory'])
export type LeaverSource = z.infer<typeof LeaverSource>

export const LeaverBrakeState = z.object({
  per_hour: z.number().int().describe('how many may leave in an hour before an administrator is asked'),
  stopped: z.object({ at: z.iso.datetime(), source: LeaverSource }).optional(),
  released: z
    .object({ until: z.iso.datetime(), people: z.number().int(), by_name: z.string() })
    .optional()
    .describe('an administrator lets so many leave until then'),
})
export type LeaverBrakeState = z.infer<typeof LeaverBrakeState>

/** The brake on leavers: a personnel system that is wrong does not close the house. */
export const leaverRoutes = defineRoutes({
  leaverBrake: {
    method: 'GET',
    path: '/leavers/brake',
    door: 'session',
    needs: 'account.manage',
    event: 'list',
    summary: 'Whether leavers are stopped because too many came at once',
    reply: LeaverBrakeState,
  },
  leaverBrakeRelease: {
    method: 'POST',
    path: '/leavers/brake/release',
    door: 'session',
    needs: 'account.manage',
    event: 'admin',
    stepUp: true,
    summary: 'These are real leavers: let so many of them leave within the next hour',
    body: z.object({ reason: Reason, people: z.number().int().min(1).max(100_000) }),
    reply: LeaverBrakeState,
  },
})
