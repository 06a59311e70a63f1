import { z } from 'zod'
import { Role } from '../account.js'
import { IdParam, pageOf } from './common.js'
import { Person } from './desk.routes.js'
import { defineRoutes } from './route.js'

export const adminRoutes = defineRoutes({
  accountCreate: {
    method: 'POST',
    path: '/accounts',
    door: 'session',
    needs: 'account.manage',
    event: 'role_change',
    summary: 'Add a person; the first password is theirs to use once with a second factor to enrol',
    body: z.object({
      username: z
        .string()
        .trim()
        .min(2)
        .max(64)
        .regex(/^[\p{L}\p{N}._@-]+$/u),
      display_name: z.string().trim().min(1).max(64),
      role: Role,
      team: z.string().max(64).default(''),
      branch: z.string().max(64).default(''),
      password: z.string().min(12).max(200),
      break_glass: z.boolean().default(false),
    }),
    reply: Person,
  },
  accountUpdate: {
    method: 'PATCH',
    path: '/accounts/:id',
    door: 'session',
    needs: 'account.manage',
    event: 'role_change',
    summary: 'Change role, team, branch, name or status; ends the sessions of that account',
    params: IdParam,
    body: z
      .object({
        display_name: z.string().trim().min(1).max(64),
        role: Role,
        team: z.string().max(64),
        branch: z.string().max(64),
        status: z.enum(['active', 'disabled']),
        break_glass: z.boolean(),
      })
      .partial(),
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
