import { z } from 'zod'
import { defineRoutes } from './route.js'

/** How soon an insider was noticed and stopped. Times count from the access that broke the rule, in milliseconds. */
export const DrillResult = z.object({
  served: z.number().int().describe('photos that the insider got'),
  refused: z.number().int(),
  worked_ms: z.number().int().describe('from the first photo to the access that broke the rule, or to giving up'),
  rule: z.string().optional().describe('which rule it was; absent: nobody noticed'),
  alert_id: z.string().optional(),
  detect_ms: z.number().int().optional().describe('the alert was in the log'),
  hold_ms: z.number().int().optional().describe('an access was refused by the rule instead of served'),
  freeze_ms: z.number().int().optional().describe('the gateways had been told'),
  notify_ms: z.number().int().optional().describe('the first message had been taken by whom it was for'),
  notices: z.enum(['sent', 'late', 'nobody']).describe('`nobody` where no channel wants to be told of it'),
})
export type DrillResult = z.infer<typeof DrillResult>

export const DrillState = z.enum(['asked', 'running', 'done', 'failed'])
export type DrillState = z.infer<typeof DrillState>

export const Drill = z.object({
  id: z.string(),
  state: DrillState,
  by: z.string().describe('account id, or `system` for the command line'),
  by_name: z.string().optional(),
  asked_at: z.iso.datetime(),
  started_at: z.iso.datetime().optional(),
  finished_at: z.iso.datetime().optional(),
  result: DrillResult.optional(),
  problem: z.string().optional().describe('why it failed'),
})
export type Drill = z.infer<typeof Drill>

export const drillRoutes = defineRoutes({
  drills: {
    method: 'GET',
    path: '/drills',
    door: 'session',
    needs: 'drill.read',
    event: 'list',
    summary: 'The newest fifty drills, with how soon each insider was stopped',
    reply: z.object({ items: z.array(Drill) }),
  },
  drillStart: {
    method: 'POST',
    path: '/drills',
    door: 'session',
    needs: 'drill.run',
    event: 'admin',
    summary: 'Play an insider on invented customers, marked as a drill; one at a time',
    reply: Drill,
  },
})
