import { describe, expect, it } from '@jest/globals'
import { answer } from './answer.js'

const rule_yaml = 'title: t\nname: base\nlogsource: { product: test }\ndetection:\n  s: { a: 1 }\n  condition: s\n'
const counted = `${rule_yaml}---\ntitle: c\ncorrelation:\n  type: event_count\n  rules: [base]\n  timespan: 1m\n  condition: { gte: 2 }\n`
const ask = (request: object) => answer(JSON.stringify(request))

describe('the engine on standard input', () => {
  it('loads, detects and correlates', () => {
    const events = ['00', '30', '59'].map((second) => ({
      id: second,
      time: `2026-01-01T00:00:${second}Z`,
      event: { a: 1 },
    }))
    expect(ask({ op: 'load', rule_yaml })).toEqual({ ok: true })
    expect(
      ask({ op: 'detect', rule_yaml, events: [...events, { id: 'x', event: { a: 2 } }], placeholders: null }),
    ).toEqual({
      matched: ['00', '30', '59'],
    })
    expect(ask({ op: 'correlate', rule_yaml: counted, events })).toEqual({
      firings: [{ event_id: '30' }, { event_id: '59' }],
    })
  })

  it('answers with the reasons when a rule is refused', () =>
    expect(ask({ op: 'load', rule_yaml: rule_yaml.replace('condition: s', 'condition: x') })).toEqual({
      error: 'line 6: condition: `x` is not defined',
    }))
})
