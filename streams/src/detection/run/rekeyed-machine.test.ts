import { describe, expect, it } from '@jest/globals'
import type { AccessEvent, Alert, LateEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { inForce, recordOf } from '../cases/in-memory-run.js'
import { addressRule, rulesOf } from '../testing/rules.js'
import type { SetInForce } from './rule-book.js'
import { Output } from './output.js'
import { RekeyedMachine } from './rekeyed-machine.js'

const START = Date.parse('2026-03-10T02:00:00.000Z')
const MINUTE = 60_000
const DAY = 1440 * MINUTE
const one = `title: Any\nname: any\nlogsource: { product: custodia }\ndetection: { s: { action: sign_in }, condition: s }\ncustodia: { suppress: 0s }\n`
const usual = inForce(rulesOf(addressRule, one))
const iso = (ms: number): string => new Date(ms).toISOString()

/** Of what happens at an address, what one person did: it may freeze, and is judged at the address. */
const thief = `title: Thief
name: thief
correlation: { type: event_count, rules: [crowd], group-by: [ip, actor], timespan: 1m, condition: { gte: 1 } }
custodia: { respond: [alert, { freeze: 1h }], suppress: 0s }
---
title: Crowd
name: crowd
correlation: { type: event_count, rules: [looked], group-by: [ip], timespan: 1m, condition: { gte: 5 } }
---
title: Looked
name: looked
logsource: { product: custodia }
detection: { s: { action: [view, sign_in] }, condition: s }
`

const feed = (set: SetInForce = usual) => {
  let machine = new RekeyedMachine()
  const alerts: [rule: string, event: string, minutes: number, late: boolean][] = []
  const late: LateEvent[] = []
  const raised: Alert[] = []
  let offset = 0
  const step = (key: string, value: unknown): void => {
    const output = new Output()
    machine.step(recordOf('rekeyed', offset++, START, key, value), set, output)
    for (const { value } of output.alerts)
      if (value.kind === 'raised') {
        raised.push(value.alert)
        const { rule, event_id, time, late = false } = value.alert
        alerts.push([rule, event_id, (Date.parse(time) - START) / MINUTE, late])
      }
    late.push(...output.late.map(({ value }) => value))
  }
  const tell = (rule: string, id: string, minutes: number, over: Partial<AccessEvent> = {}, received = 0): void => {
    const judged_at = iso(START + minutes * MINUTE)
    const what = { source: 'crm', actor: undefined, action: 'sign_in', outcome: 'failed', ip: '10.0.0.1' } as const
    const event = anAccessEvent({ ...what, id, time: judged_at, ...over })
    const received_at = iso(START + (over.source === 'custodia' ? minutes : received) * MINUTE)
    const at = { judged_at, received_at, partition: 0, offset }
    step('ip=10.0.0.1', { kind: 'event', rules: [rule], event, outcome: 'failed', ...at })
  }
  const tick = (minutes = 200): void => step('', { kind: 'tick', until: iso(START + minutes * MINUTE + 1) })
  /** what can no longer matter is forgotten at every 512th record */
  const sweep = (minutes: number): void => {
    tick(minutes)
    offset = Math.ceil(offset / 512) * 512
    tick(minutes)
  }
  /** from a snapshot, or from what one of 0.1.0 had of it */
  const restart = (old = false): void => {
    const { swept, lives, ...state } = JSON.parse(machine.snapshot()) as Record<string, unknown>
    machine = new RekeyedMachine()
    machine.restore(JSON.stringify(old ? state : { ...state, swept, lives }), () => set)
  }
  const groups = (): number => machine.memory().reduce((sum, rule) => sum + rule.groups, 0)
  return { alerts, late, raised, tell, tick, sweep, restart, groups }
}

describe('what comes late under its key', () => {
  it('is judged where it came, behind what was judged last, and marked', () => {
    const { alerts, late, tell, tick } = feed()
    for (const n of [1, 2, 3]) tell('failures-by-address', `e${n}`, n)
    tick()
    tell('failures-by-address', 'late-1', 0)
    tell('failures-by-address', 'late-2', 2)
    expect(alerts).toEqual([['failures-by-address', 'late-2', 3, true]])
    const place = {
      key: 'ip=10.0.0.1',
      judged_at: iso(START + 3 * MINUTE),
      after: 'e3',
      received_at: iso(START),
      passed_over: [],
    }
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
    expect(new Set(late.flatMap(({ passed_over }) => passed_over))).toEqual(new Set(['failures-by-address']))
    for (let n = 0; n < 4; n++) tell('failures-by-address', `recent-${n}`, 95)
    expect(alerts).toEqual([['failures-by-address', 'recent-3', 100, true]])
  })

  it('counts all the same when it is our own, which a flood of others has passed', () => {
    const { alerts, tell, tick } = feed()
    tell('failures-by-address', 'passed', 6)
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

describe('what is told of a time that was forgotten', () => {
  const failures = 'failures-by-address'
  const marked = { key: 'ip=10.0.0.1', time: iso(START), judged_at: iso(START), passed_over: [] }
  const begun = { afresh: [failures], since: iso(START + 570 * MINUTE + 1) }

  it.each([undefined, false, true])('begins afresh, and is marked: restarted from an old snapshot %s', (old) => {
    const { alerts, late, tell, tick, sweep, restart, groups } = feed()
    for (let n = 0; n < 4; n++) tell(failures, `e${n}`, 0)
    tick()
    if (old !== undefined) restart(old)
    expect([groups(), late]).toEqual([1, []])
    sweep(600)
    expect(groups()).toBe(0)
    tell(failures, 'old', 0, {}, 600)
    tell(failures, 'next', 0, {}, 600)
    tick(600)
    const received_at = iso(START + 600 * MINUTE)
    expect(alerts).toEqual([])
    // both waited until 600: the tick that judged them is the record after them
    expect(late).toEqual([{ ...marked, ...begun, event_id: 'next', after: 'next', received_at, offset: 515 }])
  })

  it('is not marked when nothing that was forgotten reaches to it', () => {
    const { late, tell, tick, sweep } = feed()
    tell(failures, 'e', 0)
    sweep(600)
    tell(failures, 'recent', 541, {}, 600)
    tick(600)
    expect(late).toEqual([])
  })

  it('is forgotten by one rule, and late for another that goes on under the key', () => {
    const slow = addressRule
      .replaceAll(failures, 'slow')
      .replaceAll('failure', 'try')
      .replace('timespan: 5m', 'timespan: 1d')
    const { late, tell, tick, sweep } = feed(inForce(rulesOf(addressRule, slow)))
    tell('slow', 'e', 0)
    tell(failures, 'f', 0)
    sweep(600)
    tell('slow', 'a', 0, {}, 600)
    tell(failures, 'b', 0, {}, 600)
    tick(600)
    const received_at = iso(START + 600 * MINUTE)
    const place = { ...marked, received_at, after: 'f' }
    expect(late).toMatchObject([
      expect.not.objectContaining({ afresh: expect.anything() }),
      { ...place, ...begun, event_id: 'b' },
    ])
  })
})

describe('whoever may send us events of an address, with a clock five minutes ahead', () => {
  const own = { source: 'custodia', actor: 'thief', action: 'view', outcome: 'granted' } as const

  it('makes no access of ours late, nor counts before its time', () => {
    const { alerts, late, tell, tick } = feed(inForce(rulesOf(thief)))
    for (let minute = 0; minute < 5; minute++) {
      tell('thief', `ahead-${minute}`, minute + 5, { actor: 'crm:x' })
      for (let n = 0; n < 2; n++) tell('thief', `own-${minute}-${n}`, minute, own)
      tick(minute)
    }
    expect([alerts, late]).toEqual([[], []])
    for (let n = 0; n < 5; n++) tell('thief', `burst-${n}`, 4.1, own)
    tick(4.1)
    expect(alerts.map(([, id, minutes, isLate]) => [id, minutes, isLate])).toEqual([
      ['burst-2', 4.1, false],
      ['burst-3', 4.1, false],
      ['burst-4', 4.1, false],
    ])
  })

  it('does not save anybody from a freeze', () => {
    const { raised, tell, tick } = feed(inForce(rulesOf(thief)))
    tell('thief', 'ahead', 5, { actor: 'crm:x' })
    tick(0)
    for (let n = 0; n < 5; n++) tell('thief', `own-${n}`, 0, own)
    tick(0)
    expect(raised).toMatchObject([{ actor: 'thief', may_freeze: true }])
  })

  it('nor does a flood of others, behind which accesses of ours come late', () => {
    const { raised, tell, tick } = feed(inForce(rulesOf(thief)))
    tell('thief', 'passed', 0.5, { actor: 'crm:x' })
    tick()
    for (let n = 0; n < 4; n++) tell('thief', `own-${n}`, 0, own)
    expect(raised).toMatchObject([{ actor: 'thief', late: true, may_freeze: true }])
  })
})
