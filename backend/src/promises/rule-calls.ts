import { routes, type ruleRoutes } from '@custodia/contracts'
import { mayEver } from '../gateway/policy.js'
import { Policy } from '../gateway/policy-in-force.js'
import { aPeriod, type Calls } from './asked.js'
import { aRule, ofVersion, proven } from './rule-world.js'

/** One valid request for every route of rules and their versions. */
export const ruleCalls: Pick<Calls, keyof typeof ruleRoutes> = {
  rules: () => ({}),
  ruleBacktest: () => ({
    body: { rule: 'bulk-export', ...aPeriod() },
    made: ({ rule }) => ({ record_id: rule }),
  }),
  ruleWouldFreeze: () => ({ params: { id: 'bulk-export' } }),
  ruleFigures: () => ({}),
  ruleFiles: () => ({}),
  ruleFile: async (world) => {
    const { name } = await aRule(world, 'proposed')
    return { params: { id: name }, made: () => ({ record_id: name }) }
  },
  ruleCheck: () => ({ body: { name: 'new-rule', yaml: 'title: t' } }),
  ruleTest: () => ({ body: { name: 'new-rule', yaml: 'title: t', cases: 'fires: []' } }),
  ruleEdit: async (world) => {
    const { name, yaml } = await aRule(world, 'proposed')
    const body = { yaml: `${yaml}# again\n`, base: 1, reason: 'a comment' }
    return { params: { id: name }, body, made: ofVersion({ name, number: 2 }).made }
  },
  ruleTry: async (world) => ({ ...ofVersion(await aRule(world, 'proposed')), body: { days: 7 } }),
  rulePropose: async (world) => proven(world, 'rulePropose', ofVersion(await aRule(world, 'tried'))),
  ruleApprove: async (world) => proven(world, 'ruleApprove', ofVersion(await aRule(world, 'proposed'))),
  ruleApproveEach: async (world) => {
    const { name, number } = await aRule(world, 'proposed')
    const body = { versions: [{ name, number }], reason: 'a test' }
    if (!mayEver({ role: world.role, policy: new Policy() }, routes.ruleApproveEach.needs)) return { body }
    return { body, headers: await world.proof(world.client, 'ruleApproveEach', { body }) }
  },
  ruleReject: async (world) => ({ ...ofVersion(await aRule(world, 'proposed')), body: { reason: 'not this way' } }),
  ruleRollback: async (world) => proven(world, 'ruleRollback', ofVersion(await aRule(world, 'retired'))),
}
