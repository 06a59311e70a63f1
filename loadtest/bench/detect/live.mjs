import { fileURLToPath } from 'node:url'
import { compileRules, readRuleFiles } from '@custodia/streams/detection'
import { InMemoryRun } from '@custodia/streams/detection/cases'
import { seeded } from './random.mjs'

const shipped = fileURLToPath(new URL('../../../streams/rules', import.meta.url))
const actions = ['view', 'view', 'view', 'view', 'photo_view', 'photo_view', 'search', 'list', 'export', 'sign_in']

/**
 * The shipped rules as the live stream runs them, both stages and the reading of records included: events a second of CPU, for
 * all of them and for the first few.
 */
export const liveStream = async (counts, events) => {
  const { rules } = compileRules(await readRuleFiles([shipped]))
  const roots = rules.filter(({ alerts }) => alerts)
  return counts.map((count) => {
    const chosen = new Set(roots.slice(0, count).map(({ name }) => name))
    const run = new InMemoryRun(rules.filter(({ alerts, name }) => !alerts || chosen.has(name)))
    const random = seeded(7)
    const start = Date.UTC(2026, 2, 10, 2)
    const timed = Array.from({ length: events }, (_, n) => ({
      at: start + n * 20,
      event: anEvent(random, n, start + n * 20),
    }))
    let alerts = 0
    const { user, system } = process.cpuUsage()
    for (let n = 0; n < events; n++) {
      alerts += run.step(timed[n]).alerts.length
      if (n % 1000 === 999) alerts += run.settle(timed[n].at + 1).alerts.length
    }
    const used = process.cpuUsage({ user, system })
    return { rules: chosen.size, perSecond: events / ((used.user + used.system) / 1e6), alerts }
  })
}

const anEvent = (random, n, at) => {
  const who = random.below(200)
  const action = random.pick(actions)
  return {
    id: `e${n}`,
    v: 1,
    time: new Date(at).toISOString(),
    source: 'custodia',
    actor: `clerk-${who}`,
    actor_role: 'staff',
    team: `team-${who % 12}`,
    branch: `b-${who % 5}`,
    ip: `10.0.${who % 9}.${who}`,
    device: `device-${who}`,
    session: `session-${who}`,
    workday: true,
    off_hours: false,
    action,
    outcome: action === 'photo_view' ? 'held' : 'granted',
    ...(action !== 'sign_in' && { customer_id: `customer-${who}-${random.below(9)}`, count: 1, purpose: 'service' }),
  }
}
