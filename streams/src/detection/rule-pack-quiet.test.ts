import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { AccessEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { compileRules } from './run/rule-set.js'
import { runInMemory, type TimedEvent } from './cases/in-memory-run.js'
import { seeded } from './testing/random.js'

const folder = new URL('../../rules/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yml') && !name.endsWith('.cases.yml'))
const pack = compileRules(files.map((file) => ({ file, yaml: readFileSync(new URL(file, folder), 'utf8') })))

const opens = Date.parse('2026-03-10T00:30:00.000Z')
const hours = 10
const reach = 20

/** One of the demo's honest people through a working day, at the pace and with the odds of backend/src/demo/simulation.ts. */
function honestDay(actor: string, seed: number): TimedEvent[] {
  const random = seeded(seed)
  const events: TimedEvent[] = []
  let at = opens + random.below(15_000)
  const did = (over: Partial<AccessEvent>): void => {
    at += 20 + random.below(200)
    const time = new Date(at).toISOString()
    const who = { actor, ip: `10.0.0.${seed}`, device: `device-of-${actor}`, session: `session-of-${actor}` }
    events.push({ at, event: anAccessEvent({ ...who, time, customer_id: undefined, new_device: true, ...over }) })
  }
  did({ action: 'sign_in', factor: 'password', reason: 'first_factor' })
  did({ action: 'sign_in', factor: 'totp', idle_days: 3 })
  while (at < opens + hours * 3_600_000) {
    const customer_id = `${actor}-customer-${random.below(reach)}`
    did({ action: 'search', count: reach })
    did({ action: 'view', customer_id, run: 1 + random.below(4) })
    if (random.chance(0.4)) did({ action: 'photo_view', outcome: 'held', customer_id, purpose: 'identity_check' })
    at += 20_000 + random.below(40_000)
  }
  did({ action: 'sign_out' })
  return events
}

describe('the shipped rules', () => {
  it('let nine honest people of the demo work through a day without a word', () => {
    const days = Array.from({ length: 9 }, (_, n) => honestDay(`clerk-${n}`, n + 1))
    const events = days.flat().sort((a, b) => a.at - b.at)
    expect(events.length).toBeGreaterThan(15_000)
    const { alerts, verdicts } = runInMemory(pack.rules, events)
    expect(alerts.map(({ rule, actor }) => [rule, actor])).toEqual([])
    expect(verdicts.filter(({ verdict }) => verdict !== 'allowed')).toEqual([])
  })
})
