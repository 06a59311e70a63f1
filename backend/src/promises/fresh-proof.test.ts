import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Role, routes, type RouteName, type RouteSpec } from '@custodia/contracts'
import { presets } from '../gateway/policy-table.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import type { Asked } from './asked.js'
import { calls } from './route-calls.js'
import { RouteWorld, type Helpers } from './route-world.js'

/** What takes a proof each time it is asked for. Written down by name: a route that loses it is missed here. */
const always = [
  ...['accountCreate', 'accountInvite', 'administratorPropose', 'leaverBrakeRelease', 'peopleFileApply'],
  ...['deciderConfirm', 'policyChange', 'powerConfirm', 'recoveryApprove', 'recoveryFinish', 'sealedCodeIssue'],
  ...['approvalBreakGlass', 'approvalDecide', 'approvalReview', 'customerExport'],
  ...[
    'personLift',
    'personLiftAsk',
    'personUnrestrict',
    'ruleApprove',
    'ruleApproveEach',
    'rulePropose',
    'ruleRollback',
  ],
  ...['myTokenCreate', 'passkeyBegin', 'passkeyRemove', 'passwordChange', 'recoveryCodesIssue'],
  ...['ingestTokenCreate', 'mySessionEnd', 'mySessionsEnd', 'reviewRemove', 'reviewUndo', 'totpBegin', 'totpRemove'],
] as RouteName[]
/** And what takes one for some of what can be asked for: their own tests say for what. */
const sometimes: RouteName[] = ['accountUpdate', 'customerReveal']

const specOf = (name: RouteName): RouteSpec => routes[name]
const roleFor = (name: RouteName): Role => {
  const { needs = 'own' } = specOf(name)
  return Role.options.find((role) => presets.separation.rows[needs][role]) ?? 'admin'
}

describe('a fresh proof', () => {
  let gateway: TestGateway
  let helpers: Helpers
  const worlds = new Map<Role, RouteWorld>()

  beforeAll(async () => {
    gateway = await startTestGateway()
    helpers = {
      manager: await gateway.signedIn('manager'),
      analyst: await gateway.signedIn('analyst'),
      auditor: await gateway.signedIn('auditor'),
      admin: await gateway.signedIn('admin'),
    }
  })
  afterAll(() => gateway?.stop())

  const worldOf = async (role: Role): Promise<RouteWorld> => {
    const world = worlds.get(role) ?? (await RouteWorld.of(gateway, role, helpers))
    worlds.set(role, world)
    return world
  }

  it('is taken by these routes and no others', () => {
    const wanting = (Object.keys(routes) as RouteName[]).filter((name) => specOf(name).stepUp)
    expect(wanting.sort()).toEqual([...always, ...sometimes].sort())
  })

  it.each(always)('is what %s does nothing without, nor with one that was given for another address', async (name) => {
    const world = await worldOf(roleFor(name))
    const asked = (await calls[name](world)) as Asked<'me'>
    const { by = world.client, headers, params, body } = asked
    const call = { params, body }
    const answers = [
      await by.call(name as 'me', call),
      await by.call(name as 'me', { ...call, headers, query: { again: '1' } as never }),
    ]
    expect(answers.map(({ status, body: { code } }) => [status, code])).toEqual([
      [403, 'step_up_required'],
      [403, 'step_up_required'],
    ])
    // nothing of it was done: the very same request, with its own proof, still can be
    const done = await by.call(name as 'me', { ...call, headers })
    expect(done.status < 300 ? 'done' : done.body).toBe('done')
  })
})
