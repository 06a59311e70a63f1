import { routes, TRIAL_DAYS, type ReplyOf, type Routes } from '@custodia/contracts'
import { v7 as uuidv7 } from 'uuid'
import { mayEver } from '../gateway/policy.js'
import { Policy } from '../gateway/policy-in-force.js'
import { ruleVersions } from '../record-store/schema.js'
import type { RouteWorld } from './route-world.js'

interface Version {
  name: string
  number: number
}

/** A rule that nothing fires, on its way into force, or in force again: at `number` is what is to be acted upon. */
export async function aRule(
  { gateway, client, helpers }: RouteWorld,
  as: 'tried' | 'proposed' | 'retired',
): Promise<Version & { yaml: string }> {
  const name = `rule-${uuidv7()}`
  const yaml = `title: Nothing
name: ${name}
logsource: { product: custodia, category: access }
detection: { selection: { actor: nobody }, condition: selection }
`
  const now = Date.now()
  const [from = '', to = ''] = [now - TRIAL_DAYS * 86_400_000, now].map((time) => new Date(time).toISOString())
  const limits = { alerts_a_day: 5, frozen: 3 }
  const trial = { at: to, by: 'system', from, to, rules: [], limits, failed: [] }
  const row = { name, yaml, reason: 'a test', twoPersons: false, trial, proposedAt: new Date() }
  const author = as === 'tried' ? client.accountId : helpers.analyst.accountId
  const state = as === 'tried' ? 'draft' : as
  await gateway.records.db
    .insert(ruleVersions)
    .values([
      { ...row, number: 1, state, author },
      ...(as === 'retired' ? [{ ...row, number: 2, state: 'live' as const, author }] : []),
    ])
  return { name, number: 1, yaml }
}

export const ofVersion = ({ name, number }: Version) => ({
  params: { id: name, number: String(number) },
  made: (reply: ReplyOf<Routes['ruleApprove']>) => ({ record_id: `${name}@${reply.number}` }),
})

/** With a fresh proof, for those who are asked for one: whoever may not do it at all is not. */
export async function proven(
  world: RouteWorld,
  name: 'rulePropose' | 'ruleApprove' | 'ruleRollback',
  { params, made }: ReturnType<typeof ofVersion>,
) {
  const body = { reason: 'a test' }
  if (!mayEver({ role: world.role, policy: new Policy() }, routes[name].needs)) return { params, made, body }
  return { params, made, body, headers: await world.proof(world.client, name, { params, body }) }
}
