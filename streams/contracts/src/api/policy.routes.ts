import { z } from 'zod'
import { Role } from '../account.js'
import { Id, Reason } from './common.js'
import { defineRoutes } from './route.js'
import { PersonalField } from './vault.routes.js'

/** How the table is filled in: chosen at set-up, changed by an administrator. */
export const PolicyPreset = z.enum([
  'separation', // administrators see no photos, analysts no plain values
  'simple', // only administrators see photos, staff see part of the information
])
export type PolicyPreset = z.infer<typeof PolicyPreset>

/** How far a permission reaches. */
export const Reach = z.enum(['own', 'team', 'branch', 'all'])
export type Reach = z.infer<typeof Reach>

/** What a customer's record is made of, beside whose it is and what it is about. */
export const customerFields = [...PersonalField.options, 'tags', 'photos', 'consents'] as const
export const CustomerField = z.enum(customerFields)
export type CustomerField = z.infer<typeof CustomerField>

/** How a role gets a field. */
export const FieldLevel = z.enum([
  'plain', // as it is
  'reveal', // masked; in the clear for a purpose, one customer at a time, or in an export
  'approval', // masked; in the clear under an approval
  'masked', // masked, always
  'absent', // not part of the answer
])
export type FieldLevel = z.infer<typeof FieldLevel>

export const Network = z.union([z.cidrv4(), z.cidrv6()], 'not a network, such as 10.1.0.0/16')
/** A condition on whole groups of permissions; in the table it stands in every cell it concerns. */
export const PolicyCondition = z
  .object({
    roles: z.array(Role).min(1),
    on: z.enum([
      'customers', // everything about customers
      'plain', // plain values, full photos, files
    ]),
    hours: z.literal('working').optional().describe('only in the working hours of the business calendar'),
    networks: z.array(Network).min(1).max(50).optional().describe('only from these networks'),
  })
  .refine(({ hours, networks }) => hours ?? networks, 'names no condition')
export type PolicyCondition = z.infer<typeof PolicyCondition>

export const PolicyCell = z.object({
  reach: Reach,
  purpose: z.literal(true).optional().describe('a purpose must be stated, and the consent must cover it'),
  held: z.literal(true).optional().describe('waits for the verdict of the rules'),
  step_up: z.literal(true).optional().describe('a fresh proof for this very action'),
  hours: z.literal('working').optional(),
  networks: z.array(z.string()).optional(),
})
export type PolicyCell = z.infer<typeof PolicyCell>

export const PolicyRow = z.object({
  permission: z.string(),
  cells: z.partialRecord(Role, PolicyCell).describe('a role without a cell is refused'),
})
export type PolicyRow = z.infer<typeof PolicyRow>
export const PolicyFieldRow = z.object({ field: CustomerField, cells: z.record(Role, FieldLevel) })
export type PolicyFieldRow = z.infer<typeof PolicyFieldRow>
const tables = { rows: z.array(PolicyRow), fields: z.array(PolicyFieldRow) }

export const PolicySettings = z.object({
  preset: PolicyPreset,
  conditions: z.array(PolicyCondition).max(20),
  larger_export: z.number().int().min(1).max(10_000).describe('exports of more customers in 24 hours take an approval'),
})
export type PolicySettings = z.infer<typeof PolicySettings>

/** When somebody is at work, by the business calendar, and how it stands now. */
export const WorkingHours = z.object({
  team: z.string().optional().describe('absent: everybody whose team has no shift of its own'),
  time_zone: z.string(),
  hours: z
    .array(z.object({ from: z.string(), to: z.string() }))
    .describe('by the clock of the zone; `to` is on the next day unless it is later than `from`'),
  days: z.enum(['workdays', 'every_day']).describe('on which they begin'),
  holidays: z.enum(['china', 'none', 'own']).describe('which days off the working days leave out'),
  working: z.boolean(),
  changes_at: z.iso.datetime().optional().describe('when `working` is otherwise; absent: not within a month'),
})
export type WorkingHours = z.infer<typeof WorkingHours>

/** The table in force, as the gateway reads it. */
export const PolicyDocument = PolicySettings.extend({
  version: z.number().int().describe('0: as it was installed'),
  hash: z.string().describe('sha-256 of the settings and both tables'),
  changed_at: z.iso.datetime().optional(),
  changed_by: z.string().optional(),
  changed_by_name: z.string().optional(),
  confirmed_by: z
    .string()
    .optional()
    .describe(
      'of a change that opened something: the second administrator, or `system` where it took effect by itself',
    ),
  confirmed_by_name: z.string().optional(),
  reason: z.string().optional(),
  ...tables,
})
export type PolicyDocument = z.infer<typeof PolicyDocument>

export const policyRoutes = defineRoutes({
  policy: {
    method: 'GET',
    path: '/policy',
    door: 'session',
    needs: 'policy.read',
    event: 'list',
    summary: 'Who may do what: the table that the gateway evaluates, and what the other preset would be',
    reply: PolicyDocument.extend({
      other: z.object({ preset: PolicyPreset, ...tables }),
      working_hours: z
        .array(WorkingHours)
        .describe('what the condition on working hours goes by: everybody’s, then each team’s'),
      decider_wait: z
        .object({
          hours: z.number().describe('0: there is none'),
          young_until: z.iso.datetime().optional().describe('the house is being set up: nobody waits before then'),
          alone: z
            .literal(true)
            .optional()
            .describe('there are no two administrators who can come in: nobody confirms'),
        })
        .describe('until rights that one person alone gave count where two persons are needed'),
    }),
  },
  policyCsv: {
    method: 'GET',
    path: '/policy/table.csv',
    door: 'session',
    needs: 'policy.read',
    event: 'report',
    summary: 'The table as CSV, with its date, preset, version and hash',
    reply: 'text/csv',
  },
  policyJson: {
    method: 'GET',
    path: '/policy/table.json',
    door: 'session',
    needs: 'policy.read',
    event: 'report',
    summary: 'The table as a JSON file, with its date, preset, version and hash',
    reply: 'application/json',
  },
  policyChange: {
    method: 'POST',
    path: '/policy',
    door: 'session',
    needs: 'policy.change',
    event: 'role_change',
    stepUp: true,
    summary:
      'Another preset, other conditions, another size of exports that take an approval: from the next request on, or, where it opens something to somebody, once another administrator has confirmed it',
    body: PolicySettings.extend({ version: z.number().int().describe('the one that is changed'), reason: Reason }),
    reply: PolicyDocument.extend({
      waiting: Id.optional().describe('nothing is changed yet: this change of power waits for another administrator'),
    }),
  },
})
