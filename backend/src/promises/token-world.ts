import { problems, TokenScope, type RouteName, type RouteSpec } from '@custodia/contracts'
import { v7 as uuidv7 } from 'uuid'
import { approved, newApproval } from '../approvals/testing/new-approval.js'
import { hashOfToken, makeToken } from '../identity/token-secret.js'
import { sessions } from '../record-store/schema.js'
import type { Answer, TestClient } from '../testing/client.js'
import type { TestGateway } from '../testing/gateway.js'
import type { Asked } from './asked.js'
import { calls } from './route-calls.js'
import type { RouteWorld } from './route-world.js'

/** An API token in the hands of a program: no cookies, no proofs, no browser. */
export interface Program {
  /** the token's, and so its session's */
  id: string
  accountId: string
  call(name: RouteName, asked?: Partial<Asked<'me'>>): Promise<Answer<RouteName>>
}

/** What a token must have for this route; undefined: no token does it. */
export const scopeOf = (spec: RouteSpec): TokenScope | undefined => TokenScope.safeParse(spec.scope ?? spec.needs).data

export const everyScopeBut = (scope: TokenScope | undefined): TokenScope[] =>
  TokenScope.options.filter((other) => other !== scope)

/** What a person proves, a program has an approval for: of its owner. */
export async function askedByProgram(name: RouteName, world: RouteWorld): Promise<Asked<'me'>> {
  const asked = (await calls[name](world)) as Asked<'customerExport'>
  if (name === 'customerExport' && asked.body) {
    const { customer_ids, fields } = asked.body
    const over = { ...approved, use: 'export' as const, fields }
    const approval_id = await newApproval(world.gateway.records, world.client.accountId, customer_ids, over)
    Object.assign(asked.body, { approval_id })
  }
  return asked as unknown as Asked<'me'>
}

/** SCIM's errors have no place for a code of ours: there the sentence tells. */
export const saidBy = ({ code, detail }: { code?: string; detail?: unknown }): string | undefined =>
  code ?? Object.entries(problems).find(([, { say }]) => say === detail)?.[0]

/**
 * Lays tokens down as rows: with scopes that their owner could never have passed on, too, so that what the owner may do is
 * judged at each use and not only as the token is made.
 */
export async function programOf(
  gateway: TestGateway,
  { accountId }: Pick<TestClient, 'accountId'>,
  scopes: readonly TokenScope[],
  over: Partial<typeof sessions.$inferInsert> = {},
): Promise<Program> {
  const [id, token, client] = [uuidv7(), makeToken(), gateway.stranger()]
  await gateway.records.db.insert(sessions).values({
    id,
    accountId,
    tokenHash: hashOfToken(token),
    level: 'full',
    scopes: [...scopes],
    tokenName: 'a program',
    device: '',
    ip: '127.0.0.1',
    idleMinutes: 1440,
    expiresAt: new Date(Date.now() + 86_400_000),
    ...over,
  })
  const authorization = `Bearer ${token}`
  return {
    id,
    accountId,
    call: (name, { params, query, body, payload } = {}) =>
      client.call(name as 'me', { params, query, body, payload, headers: { authorization } }),
  }
}
