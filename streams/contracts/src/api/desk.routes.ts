import { z } from 'zod'
import { Freeze, Measure, Role } from '../account.js'
import { IdParam, Page, Reason, pageOf, SignInDoor } from './common.js'
import { defineRoutes } from './route.js'

/** `freeze`: the id of the one that the reader saw; where another is in force meanwhile, nothing is lifted. */
const LiftBody = z.object({ reason: Reason, freeze: z.string().min(1).max(100).optional() })

/** By what relatives and colleagues among the customers are known; kept as keyed hashes, never given back. */
export const StaffTrait = z.enum(['id_number', 'phone', 'address'])
export type StaffTrait = z.infer<typeof StaffTrait>

export const Person = z.object({
  id: z.string(),
  username: z.string(),
  display_name: z.string(),
  role: Role,
  team: z.string(),
  branch: z.string(),
  manager: z.string().optional().describe('account id of who reviews this person’s rights; absent: the administrators'),
  demo: z.boolean(),
  drill: z.boolean().optional().describe('the insider of a drill that is running'),
  status: z.enum(['active', 'disabled']),
  freeze: Freeze.optional(),
  measures: z.array(Measure).describe('in force below a freeze'),
  break_glass: z.boolean().optional().describe('sealed for emergencies: rules never freeze it, every use is an alert'),
  factors: z.array(z.string()),
  door: SignInDoor.describe('where the first factor is proven'),
  invited: z.boolean().optional().describe('asked in, and has never come in'),
  invitation: z.object({ expires_at: z.iso.datetime() }).optional().describe('the link that is open'),
  last_seen_at: z.iso.datetime().optional(),
  email: z.string().optional().describe('where the person is told what is done to their account'),
  known_by: z.array(StaffTrait).describe('which of them somebody has told, and no value'),
  decides: z
    .object({
      from: z.iso.datetime(),
      given_by: z.string().optional().describe('account id; absent: another system, or several: nobody confirms it'),
      given_by_name: z.string().optional(),
    })
    .optional()
    .describe('one person alone gave these rights: they count where two persons are needed from then on'),
})
export type Person = z.infer<typeof Person>
/** Shown once, to whoever invites; whoever has it sets the first password. */
export const Invitation = z.object({ link: z.string(), expires_at: z.iso.datetime() })
export type Invitation = z.infer<typeof Invitation>
export const LiftRequest = z.object({
  id: z.string(),
  account: z.string(),
  account_name: z.string(),
  freeze_id: z.string(),
  message: z.string(),
  at: z.iso.datetime(),
  answered_at: z.iso.datetime().optional(),
})
export type LiftRequest = z.infer<typeof LiftRequest>

const Count = z.object({ key: z.string(), name: z.string().optional(), count: z.number().int() })
export const LiveSummary = z.object({
  per_minute: z
    .array(z.object({ minute: z.iso.datetime(), action: z.string(), count: z.number().int() }))
    .describe('last hour'),
  top_readers: z.array(Count).describe('customers opened per person, last hour'),
  refused: z.array(Count).describe('refusals by reason, last hour'),
  open_alerts: z.record(z.string(), z.number().int()).describe('open alerts by severity'),
  frozen: z.array(Freeze),
  lift_requests: z.array(LiftRequest),
  pipeline: z.array(
    z.object({ part: z.string(), ok: z.boolean(), lag: z.number().int().optional(), detail: z.string().optional() }),
  ),
  dead_letters: z.number().int(),
})
export type LiveSummary = z.infer<typeof LiveSummary>

export const deskRoutes = defineRoutes({
  liveSummary: {
    method: 'GET',
    path: '/live/summary',
    door: 'session',
    needs: 'live.read',
    event: 'list',
    summary: 'Numbers of the live page: counts only, nobody’s record',
    reply: LiveSummary,
  },
  people: {
    method: 'GET',
    path: '/people',
    door: 'session',
    needs: 'person.read',
    event: 'list',
    summary: 'People and their freezes',
    query: Page.extend({
      q: z.string().max(64).optional(),
      frozen: z.enum(['true', 'false']).optional(),
      role: Role.optional(),
    }),
    reply: pageOf(Person),
  },
  person: {
    method: 'GET',
    path: '/people/:id',
    door: 'session',
    needs: 'person.read',
    event: 'view',
    summary: 'One person: state, freezes, lift requests',
    params: IdParam,
    reply: Person.extend({ freezes: z.array(Freeze), lift_requests: z.array(LiftRequest) }),
  },
  personFreeze: {
    method: 'POST',
    path: '/people/:id/freeze',
    door: 'session',
    needs: 'person.freeze',
    event: 'freeze',
    summary: 'Freeze an account for a time, with a reason',
    params: IdParam,
    body: z.object({ reason: Reason, minutes: z.number().int().min(1).max(43_200) }),
    reply: Freeze,
  },
  personLiftAsk: {
    method: 'POST',
    path: '/people/:id/lift/ask',
    door: 'session',
    needs: 'person.lift',
    event: 'approval',
    stepUp: true,
    summary: 'The first of two persons asks to lift an automatic freeze of high severity; a colleague then lifts it',
    params: IdParam,
    body: LiftBody,
    reply: Freeze,
  },
  personUnrestrict: {
    method: 'POST',
    path: '/people/:id/unrestrict',
    door: 'session',
    needs: 'person.lift',
    event: 'restrict',
    stepUp: true,
    summary: 'End the measures below a freeze that are on an account, with a reason',
    params: IdParam,
    body: z.object({ reason: Reason }),
  },
  personLift: {
    method: 'POST',
    path: '/people/:id/lift',
    door: 'session',
    needs: 'person.lift',
    event: 'lift',
    stepUp: true,
    summary: 'Lift a freeze and everything below it, with a reason; the second of two persons where two are needed',
    params: IdParam,
    body: LiftBody,
    reply: Freeze,
  },
})
