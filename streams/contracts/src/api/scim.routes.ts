import { z } from 'zod'
import { IdParam } from './common.js'
import { defineRoutes } from './route.js'

/** RFC 7643 lets senders say more than we keep: what of it counts is read by the room. */
const Resource = z.record(z.string(), z.unknown())
const common = { door: 'token', needs: 'account.manage', scope: 'scim' } as const

/** SCIM 2.0 (RFC 7644): the system that knows who joins and leaves tells so. Base address: /api/v1/scim/v2. */
export const scimRoutes = defineRoutes({
  scimUsers: {
    ...common,
    method: 'GET',
    path: '/scim/v2/Users',
    event: 'list',
    summary: 'SCIM: people, by filter and page',
    query: z.object({
      filter: z.string().max(500).optional(),
      startIndex: z.coerce.number().int().min(1).default(1),
      count: z.coerce.number().int().min(0).max(200).default(100),
    }),
    reply: Resource,
  },
  scimUser: {
    ...common,
    method: 'GET',
    path: '/scim/v2/Users/:id',
    event: 'view',
    summary: 'SCIM: one person',
    params: IdParam,
    reply: Resource,
  },
  scimUserCreate: {
    ...common,
    method: 'POST',
    path: '/scim/v2/Users',
    event: 'role_change',
    summary: 'SCIM: somebody joins',
    body: Resource,
    reply: Resource,
  },
  scimUserReplace: {
    ...common,
    method: 'PUT',
    path: '/scim/v2/Users/:id',
    event: 'role_change',
    summary: 'SCIM: somebody as they are now; `active: false` freezes the leaver at once',
    params: IdParam,
    body: Resource,
    reply: Resource,
  },
  scimUserPatch: {
    ...common,
    method: 'PATCH',
    path: '/scim/v2/Users/:id',
    event: 'role_change',
    summary: 'SCIM: what changed of somebody; `active: false` freezes the leaver at once',
    params: IdParam,
    body: Resource,
    reply: Resource,
  },
  scimUserDelete: {
    ...common,
    method: 'DELETE',
    path: '/scim/v2/Users/:id',
    event: 'role_change',
    summary: 'SCIM: somebody leaves, and is frozen at once; their account stays closed, for the log names them',
    params: IdParam,
  },
  scimConfig: {
    ...common,
    method: 'GET',
    path: '/scim/v2/ServiceProviderConfig',
    event: 'list',
    summary: 'SCIM: what this server can do',
    reply: Resource,
  },
  scimResourceTypes: {
    ...common,
    method: 'GET',
    path: '/scim/v2/ResourceTypes',
    event: 'list',
    summary: 'SCIM: what it keeps',
    reply: Resource,
  },
  scimSchemas: {
    ...common,
    method: 'GET',
    path: '/scim/v2/Schemas',
    event: 'list',
    summary: 'SCIM: which attributes of it',
    reply: Resource,
  },
})
