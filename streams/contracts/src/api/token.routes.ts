import { z } from 'zod'
import { IdParam } from './common.js'
import { defineRoutes } from './route.js'
import { TokenScope } from './token-scope.js'

export const ApiToken = z.object({
  id: z.string().describe('`session` of the events of its uses'),
  name: z.string(),
  scopes: z.array(TokenScope),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().optional().describe('to the minute'),
  ended_at: z.iso.datetime().optional(),
  ended_by: z.enum(['revoked', 'frozen']).optional(),
})
export type ApiToken = z.infer<typeof ApiToken>

/** Tokens with which programs act for a person: fewer rights, a name, an end. */
export const tokenRoutes = defineRoutes({
  myTokens: {
    method: 'GET',
    path: '/me/tokens',
    door: 'session',
    needs: 'own',
    event: 'list',
    summary: 'My API tokens, without their secrets',
    reply: z.object({
      items: z.array(ApiToken),
      scopes: z.array(TokenScope).describe('what I can give to a new one'),
    }),
  },
  myTokenCreate: {
    method: 'POST',
    path: '/me/tokens',
    door: 'session',
    needs: 'own',
    event: 'role_change',
    stepUp: true,
    summary: 'A new API token; its secret is shown once',
    body: z.object({
      name: z.string().trim().min(1).max(64),
      scopes: z.array(TokenScope).min(1).max(TokenScope.options.length),
      days: z.number().int().min(1).max(365),
    }),
    reply: z.object({ id: z.string(), token: z.string(), expires_at: z.iso.datetime() }),
  },
  myTokenRevoke: {
    method: 'DELETE',
    path: '/me/tokens/:id',
    door: 'session',
    needs: 'own',
    event: 'role_change',
    summary: 'End one of my API tokens at once',
    params: IdParam,
  },
  tokens: {
    method: 'GET',
    path: '/tokens',
    door: 'session',
    needs: 'account.manage',
    event: 'list',
    summary: 'API tokens in force of everybody, without their secrets',
    reply: z.object({
      items: z.array(ApiToken.extend({ owner: z.object({ id: z.string(), display_name: z.string() }) })),
    }),
  },
  tokenRevoke: {
    method: 'DELETE',
    path: '/tokens/:id',
    door: 'session',
    needs: 'account.manage',
    event: 'role_change',
    summary: 'End somebody’s API token at once',
    params: IdParam,
  },
})
