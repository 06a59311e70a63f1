import { z } from 'zod'
import { Role } from '../account.js'
import { isIdNumber, normaliseIdNumber } from '../id-number.js'
import { Username } from './auth.routes.js'
import { Id, IdParam, pageOf, Reason, SignInDoor } from './common.js'
import { Invitation, Person } from './desk.routes.js'
import { defineRoutes } from './route.js'

const Email = z.email().max(254)

const several = z.array(z.string().trim().min(1).max(256)).max(20)
/** What is absent stays as it was; an empty one is forgotten. */
const Traits = z
  .object({
    id_number: z
      .string()
      .transform(normaliseIdNumber)
      .refine((number) => !number || isIdNumber(number, new Date()), 'is no ID number'),
    phones: several.describe('private ones, also of people they live with'),
    addresses: several.describe('of the home'),
  })
  .partial()
  .describe('hashed on entry, to know whose records are those of relatives and colleagues')

export const adminRoutes = defineRoutes({
  accountCreate: {
    method: 'POST',
    path: '/accounts',
    door: 'session',
    needs: 'account.manage',
    event: 'role_change',
    stepUp: true,
    summary:
      'Add a person, who sets a password and enrols a second factor with the one-time link of the answer; an administrator stays closed until it is confirmed',
    body: z.object({
      username: Username,
      display_name: z.string().trim().min(1).max(64),
      role: Role,
      team: z.string().max(64).default(''),
      branch: z.string().max(64).default(''),
      break_glass: z.boolean().default(false),
      door: SignInDoor.default('password'),
      email: Email.optional(),
      traits: Traits.optional(),
    }),
    reply: Person.extend({
      link: Invitation.shape.link
        .optional()
        .describe('for those who set a password here; administrators get one when they are confirmed'),
    }),
  },
  accountInvite: {
    method: 'POST',
    path: '/accounts/:id/invitation',
    door: 'session',
    needs: 'account.manage',
    event: 'role_change',
    stepUp: true,
    summary: 'A new one-time link for a person who has not set a password yet; the one before it no longer works',
    params: IdParam,
    reply: Invitation,
  },
  accountUninvite: {
    method: 'DELETE',
    path: '/accounts/:id/invitation',
    door: 'session',
    needs: 'account.manage',
    event: 'role_change',
    summary: 'Revoke the link of a person who has not used it',
    params: IdParam,
  },
  accountUpdate: {
    method: 'PATCH',
    path: '/accounts/:id',
    door: 'session',
    needs: 'account.manage',
    event: 'role_change',
    stepUp: { keys: ['role', 'status', 'team', 'branch', 'manager', 'break_glass', 'door', 'email'] },
    summary:
      'Change role, team, branch, name or status; a change of rights ends the sessions of that account. All but the name and what relatives are known by takes a fresh proof; door and e-mail a reason as well',
    params: IdParam,
    body: z
      .object({
        display_name: z.string().trim().min(1).max(64),
        role: Role,
        team: z.string().max(64),
        branch: z.string().max(64),
        status: z.enum(['active', 'disabled']),
        break_glass: z.boolean(),
        manager: Id.nullable().describe('who reviews this person’s rights; null: the administrators'),
        door: SignInDoor,
        email: Email.nullable().describe('null: none'),
        traits: Traits,
        reason: Reason.describe('for another door or another e-mail address'),
      })
      .partial()
      .refine(({ door, email, reason }) => reason ?? (door === undefined && email === undefined), {
        path: ['reason'],
        message: 'is missing: another door and another e-mail address take one',
      }),
    reply: Person,
  },
  accountRevoke: {
    method: 'POST',
    path: '/accounts/:id/revoke-sessions',
    door: 'session',
    needs: 'account.manage',
    event: 'sign_out',
    summary: 'End every session of an account now',
    params: IdParam,
  },
  ingestTokens: {
    method: 'GET',
    path: '/ingest/tokens',
    door: 'session',
    needs: 'ingest.manage',
    event: 'list',
    summary: 'Ingest tokens, without their secrets',
    reply: pageOf(
      z.object({
        id: z.string(),
        name: z.string(),
        source: z.string(),
        mapping: z.string().optional(),
        created_at: z.iso.datetime(),
        last_used_at: z.iso.datetime().optional(),
        revoked_at: z.iso.datetime().optional(),
      }),
    ),
  },
  ingestTokenCreate: {
    method: 'POST',
    path: '/ingest/tokens',
    door: 'session',
    needs: 'ingest.manage',
    event: 'admin',
    stepUp: true,
    summary: 'A token for one outside source; shown once',
    body: z.object({
      name: z.string().trim().min(1).max(64),
      source: z.string().regex(/^[a-z][a-z0-9-]{1,31}$/),
      mapping: z.string().max(20_000).optional().describe('mapping file (YAML); docs/ingest.md'),
    }),
    reply: z.object({ id: z.string(), token: z.string() }),
  },
  ingestTokenRevoke: {
    method: 'DELETE',
    path: '/ingest/tokens/:id',
    door: 'session',
    needs: 'ingest.manage',
    event: 'admin',
    summary: 'Revoke an ingest token at once',
    params: IdParam,
  },
  demoState: {
    method: 'GET',
    path: '/demo',
    door: 'session',
    needs: 'demo.manage',
    event: 'list',
    summary: 'Progress of the demo data',
    reply: z.object({
      installed: z.boolean(),
      loading: z.boolean(),
      customers: z.number().int(),
      customers_total: z.number().int(),
      photos: z.number().int(),
    }),
  },
  demoInstall: {
    method: 'POST',
    path: '/demo',
    door: 'session',
    needs: 'demo.manage',
    event: 'admin',
    summary: 'Load demo people, customers, photos and simulated staff',
  },
  demoRemove: {
    method: 'DELETE',
    path: '/demo',
    door: 'session',
    needs: 'demo.manage',
    event: 'admin',
    summary: 'Remove all demo data',
  },
  ingestEvents: {
    method: 'POST',
    path: '/ingest/events',
    door: 'ingest_token',
    summary: 'Events of an outside system, one JSON object a line; each line that is kept is an event of its own',
    consumes: 'application/x-ndjson',
    reply: z.object({
      accepted: z.number().int(),
      duplicates: z.number().int(),
      rejected: z.array(z.object({ line: z.number().int(), code: z.string(), reason: z.string() })),
    }),
  },
})
