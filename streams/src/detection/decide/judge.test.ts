import { describe, expect, it } from '@jest/globals'
import type { AccessEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { Correlator, type Plan, planOf } from '../correlate/index.js'
import { EventMatcher } from '../matching/index.js'
import type { RuleEvent } from '../sigma/index.js'
import { photoRule, rulesOf } from '../testing/rules.js'
import { MAX_ENTRIES } from '../windows/index.js'
import { MAX_EVIDENCE } from './decide-alert.js'
import { judge, resetAfterLift } from './judge.js'
import type { Judgement } from './judge.js'

const hash = (text: string): string => `#${text}`
const view = (customer: number, over: Partial<AccessEvent> = {}): AccessEvent =>
  anAccessEvent({ action: 'photo_view', outcome: 'held', customer_id: `customer-${customer}`, ...over })

const desk = (yaml = photoRule()) => {
  const correlator = new Correlator()
  correlator.adopt(rulesOf(yaml))
  const states = [...correlator.all()]
  const matcher = new EventMatcher(states.flatMap(({ tree }) => tree.bases))
  const matched = (seen: RuleEvent): Plan => planOf(states, matcher.find(seen))
  let time = 0
  return {
    states,
    pass: (milliseconds: number) => (time += milliseconds),
    see: (event: AccessEvent, over: { late?: boolean; mayFreeze?: boolean } = {}): Judgement =>
      judge(matched, { event, time: (time += 1000), late: false, mayFreeze: true, ...over }, hash),
  }
}

describe('a rule that holds', () => {
  it('lets N pass and refuses the one after, which is the one that alerts', () => {
    const { see } = desk()
    const seen = [1, 2, 3, 4, 5].map((customer) => see(view(customer)))
    expect(seen.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed', 'allowed', 'refused', 'refused'])
    expect(seen.map(({ alerts }) => alerts.length)).toEqual([0, 0, 0, 1, 0])
    expect(seen[3]?.verdict).toMatchObject({ verdict: 'refused', rule: 'photo-views', limit: 3 })
    expect(seen[3]?.alerts[0]).toMatchObject({ value: 4, limit: 3, evidence_total: 4, actor: 'clerk-1', mode: 'live' })
  })

  it('goes on refusing while its alerts are suppressed, and does not count what it refused', () => {
    const { see, pass } = desk()
    for (const customer of [1, 2, 3, 4]) see(view(customer))
    expect(see(view(1)).outcome).toBe('allowed')
    expect(see(view(9)).outcome).toBe('refused')
    pass(600_000)
    expect(see(view(9)).outcome).toBe('allowed')
  })

  it('only tells in shadow', () => {
    const { see } = desk(photoRule({ keys: 'hold: true\n  mode: shadow' }))
    const seen = [1, 2, 3, 4].map((customer) => see(view(customer)))
    expect(seen.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed', 'allowed', 'allowed'])
    expect(seen[3]?.alerts[0]).toMatchObject({ mode: 'shadow', value: 4 })
  })

  it('does not count what policy refused or what failed', () => {
    const { see } = desk()
    for (const customer of [1, 2, 3, 4]) expect(see(view(customer, { outcome: 'refused' })).alerts).toEqual([])
    expect(see(view(5)).outcome).toBe('allowed')
  })
})

describe('suppression', () => {
  it('raises again once the suppression window has passed, counted from the last alert', () => {
    const { see, pass } = desk(photoRule({ limit: 0, keys: 'suppress: 10s' }))
    const raised = (): number => see(view(1, { outcome: 'granted' })).alerts.length
    expect(raised()).toBe(1)
    pass(8_000)
    expect(raised()).toBe(0)
    expect(raised()).toBe(1)
  })
})

describe('an alert', () => {
  it('has an id made of rule, version, group and firing event', () => {
    const firing = view(4)
    const alertOf = (): string | undefined => {
      const { see } = desk(photoRule({ limit: 0, keys: 'mode: live' }))
      return see(firing).alerts[0]?.id
    }
    expect(alertOf()).toBe(alertOf())
    expect(alertOf()).toContain(firing.id)
  })

  it('may not freeze when it is from outside, and may when it came late: a flood of others must hold no freeze up', () => {
    const raise = (over: object) => desk(photoRule({ limit: 0, keys: 'mode: live' })).see(view(1), over).alerts[0]
    expect(raise({})).toMatchObject({ may_freeze: true })
    expect(raise({ late: true })).toMatchObject({ may_freeze: true, late: true })
    expect(raise({ mayFreeze: false })).toMatchObject({ may_freeze: false })
  })

  it('caps its evidence, keeps the newest and says how many there were', () => {
    const { see } = desk(photoRule({ limit: 1500, keys: 'suppress: 1d' }))
    for (let customer = 0; customer < 1500; customer++) see(view(customer, { outcome: 'granted' }), {})
    const [alert] = see(view(1500, { id: 'the-last', outcome: 'granted' })).alerts
    expect(alert).toBeUndefined() // ten minutes hold 601 of them, one a second
    const fast = desk(photoRule({ limit: 1500, keys: 'suppress: 1d' }))
    const raised = Array.from({ length: 1501 }, (_, customer) => {
      fast.pass(-1000)
      return fast.see(view(customer, { outcome: 'granted' })).alerts
    }).flat()
    expect(raised).toHaveLength(1)
    expect(raised[0]?.evidence).toHaveLength(MAX_EVIDENCE)
    expect(raised[0]?.evidence.at(-1)).toBe(raised[0]?.event_id)
    expect(raised[0]?.evidence_total).toBe(1501)
  })
})

describe('an alert of a window that is fuller than a window may be', () => {
  const sum = `
title: Much
name: much
correlation: { type: value_sum, rules: [seen], group-by: [actor], timespan: 1h, condition: { field: count, gte: 19999 } }
custodia: { suppress: 0s }
---
title: Seen
name: seen
logsource: { product: custodia }
detection: { selection: { action: photo_view }, condition: selection }
`
  const twice = `${sum.replace('custodia: { suppress: 0s }', '')}
---
title: Much again
name: again
correlation: { type: event_count, rules: [much], group-by: [actor], timespan: 1h, condition: { gte: 1 } }
custodia: { suppress: 0s }
`
  it.each([
    ['says so', sum],
    ['says so where it rests upon such a one', twice],
  ])('%s', (_, yaml) => {
    const { see, pass } = desk(yaml)
    const seen = (n: number) => {
      pass(-999)
      return see(view(n, { outcome: 'granted', count: 2 })).alerts
    }
    for (let n = 1; n < MAX_ENTRIES; n++) expect(seen(n)).toEqual([])
    expect(seen(MAX_ENTRIES)).toMatchObject([{ cut: undefined }])
    expect(seen(MAX_ENTRIES + 1)).toMatchObject([{ cut: true }])
    pass(3_600_000)
    expect(seen(1)).toEqual([])
  })

  it('says so of an access that was refused because nothing more can be remembered', () => {
    const { see, pass } = desk(photoRule({ limit: 9_999 }))
    for (let n = 0; n < MAX_ENTRIES; n++) {
      pass(-1000)
      see(view(1, { outcome: 'granted' }))
    }
    const { outcome, alerts } = see(view(1))
    expect([outcome, alerts[0]]).toMatchObject(['refused', { value: 1, cut: true }])
  })
})

describe('a lift', () => {
  const lift = (over: Partial<AccessEvent> = {}): AccessEvent =>
    anAccessEvent({ action: 'lift', outcome: 'granted', actor: 'analyst-1', subject: 'clerk-1', ...over })

  it('starts the account afresh for the rules that freeze', () => {
    const { see, states } = desk()
    for (const customer of [1, 2, 3, 4]) see(view(customer))
    resetAfterLift(states, lift())
    const after = [5, 6, 7, 8].map((customer) => see(view(customer)))
    expect(after.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed', 'allowed', 'refused'])
    expect(after[3]?.alerts).toHaveLength(1)
  })

  it.each([{ subject: 'clerk-2' }, { outcome: 'refused' as const }, { source: 'elsewhere' }])(
    'does nothing to this account when it is %j',
    (over) => {
      const { see, states } = desk()
      for (const customer of [1, 2, 3, 4]) see(view(customer))
      resetAfterLift(states, lift(over))
      expect(see(view(5)).outcome).toBe('refused')
    },
  )
})
