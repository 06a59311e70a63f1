import { describe, expect, it } from '@jest/globals'
import type { AccessEvent, LateEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { inForce, recordOf } from '../cases/in-memory-run.js'
import { addressRule, rulesOf } from '../testing/rules.js'
import { Output } from './output.js'
import { RekeyedMachine } from './rekeyed-machine.js'

const START = Date.parse('2026-03-10T02:00:00.000Z')
const MINUTE = 60_000
const DAY = 1440 * MINUTE
const one = `title: Any\nname: any\nlogsource: { product: custodia }\ndetection: { s: { action: sign_in }, condition: s }\ncustodia: { suppress: 0s }\n`
const set = inForce(rulesOf(addressRule, one))
const iso = (ms: number): string => new Date(ms).toISOString()

const feed = () => {
  const machine = new RekeyedMachine()
  const alerts: [rule: string, event: string, minutes: number, late: boolean][] = []
  const late: LateEvent[] = []
  let offset = 0
  const step = (key: string, value: unknown): void => {
    const output = new Output()
    machine.step(recordOf('rekeyed', offset++, START, key, value), set, output)
    for (const { value } of output.alerts)
      if (value.kind === 'raised') {
        const { rule, event_id, time, late = false } = value.alert
        alerts.push([rule, event_id, (Date.parse(time) - START) / MINUTE, late])
      }
    late.push(...output.late.map(({ value }) => value))
  }
  const tell = (rule: string, id: string, minutes: number, over: Partial<AccessEvent> = {}): void => {
    const judged_at = iso(START + minutes * MINUTE)
    const what = { source: 'crm', actor: undefined, action: 'sign_in', outcome: 'failed', ip: '10.0.0.1' } as const
    const event = anAccessEvent({ ...what, id, time: judged_at, ...over })
    const at = { judged_at, received_at: iso(START), partition: 0, offset }
    step('ip=10.0.0.1', { kind: 'event', rules: [rule], event, outcome: 'failed', ...at })
  }
  const tick = (): void => step('', { kind: 'tick', until: iso(START + 1) })
  return { alerts, late, tell, tick }
}

describe('what comes late under its key', () => {
  it('is judged where it came, behind what was judged last, and marked', () => {
    const { alerts, late, tell, tick } = feed()
    for (const n of [1, 2, 3]) tell('failures-by-address', `e${n}`, n)
    tick()
    tell('failures-by-address', 'late-1', 0)
    tell('failures-by-address', 'late-2', 2)
    expect(alerts).toEqual([['failures-by-address', 'late-2', 3, true]])
    const place = { key: 'ip=10.0.0.1', judged_at: iso(START + 3 * MINUTE), after: 'e3' }
    expect(late).toEqual([
      { event_id: 'late-1', time: iso(START), offset: 4, ...place },
      { event_id: 'late-2', time: iso(START + 2 * MINUTE), offset: 5, ...place },
    ])
  })

  it('counts no more when windows do not reach back so far: a backfill is no burst of now', () => {
    const { alerts, late, tell, tick } = feed()
    tell('failures-by-address', 'now', 100)
    tick()
    for (let n = 0; n < 20; n++) tell('failures-by-address', `old-${n}`, 94 + n / 100)
    expect([alerts, late.length]).toEqual([[], 20])
    for (let n = 0; n < 4; n++) tell('failures-by-address', `recent-${n}`, 95)
    expect(alerts).toEqual([['failures-by-address', 'recent-3', 100, true]])
  })

  it('counts all the same when it is our own, which an outside clock ahead of ours has passed', () => {
    const { alerts, tell, tick } = feed()
    tell('failures-by-address', 'ahead', 6)
    tick()
    for (let n = 0; n < 4; n++) tell('failures-by-address', `own-${n}`, 0, { source: 'custodia' })
    expect(alerts).toEqual([['failures-by-address', 'own-3', 6, true]])
  })

  it('counts for a day where one event is enough', () => {
    const { alerts, tell, tick } = feed()
    tell('any', 'now', 0)
    tick()
    tell('any', 'yesterday', -DAY / MINUTE)
    tell('any', 'before', -DAY / MINUTE - 1)
    expect(alerts).toEqual([
      ['any', 'now', 0, false],
      ['any', 'yesterday', 0, true],
    ])
  })
})
