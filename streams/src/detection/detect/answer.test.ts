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

  it.each([[{ adm: 'root' }], [{ adm: ['root', 5] }], [{ adm: 'root', other: 5 }]])(
    'takes a value as well as a list of them for a placeholder: %j',
    (placeholders) => {
      const expands = rule_yaml.replace('a: 1', 'a|expand: "%adm%"')
      const events = ['root', 'clerk'].map((a) => ({ id: a, event: { a } }))
      expect(ask({ op: 'detect', rule_yaml: expands, events, placeholders })).toEqual({ matched: ['root'] })
    },
  )

  it('passes our own keys over, of a rule for one event and of one that counts', () => {
    const off =
      'custodia: { mode: off, exceptions: [{ when: { a: 1 }, owner: li.na, reason: known to the team, expires: 2099-01-01 }], nonsense: 1 }\n'
    const events = ['00', '30'].map((second) => ({ id: second, time: `2026-01-01T00:00:${second}Z`, event: { a: 1 } }))
    expect(ask({ op: 'load', rule_yaml: rule_yaml + off })).toEqual({ ok: true })
    expect(ask({ op: 'detect', rule_yaml: rule_yaml + off, events })).toEqual({ matched: ['00', '30'] })
    expect(ask({ op: 'correlate', rule_yaml: counted + off, events })).toEqual({ firings: [{ event_id: '30' }] })
  })

  it('reads times as a file of events may have them, with their fractions, and refuses what is none', () => {
    const correlate = (...times: unknown[]) =>
      ask({ op: 'correlate', rule_yaml: counted, events: times.map((time, n) => ({ id: String(n), time, event: { a: 1 } })) }) // prettier-ignore
    const fired = { firings: [{ event_id: '1' }] }
    expect(correlate('2026-01-01 00:00:00', '2026-01-01T08:01:00+0800')).toEqual(fired)
    expect(correlate('2026-01-01T00:00:00.000100Z', '2026-01-01T00:01:00.000100Z')).toEqual(fired)
    expect(correlate('2026-01-01T00:00:00.000100Z', '2026-01-01T00:01:00.000900Z')).toEqual({ firings: [] })
    expect(correlate(1_767_225_600, '1767225660')).toEqual(fired)
    expect(() => correlate('yesterday')).toThrow('is not a time')
  })

  it.each([
    ['{', /^the request is not JSON: /],
    ['{}', /^`op` is one of load, detect, correlate$/],
    ['[]', /^it is to be a map of keys$/],
    ['{"op":"load"}', /^`rule_yaml` is missing$/],
    ['{"op":"detect","rule_yaml":"a","events":[{"id":1,"event":[]}]}', /^`events\.0\.id` is to be a text; `events\.0\.event` is to be a JSON object$/], // prettier-ignore
    ['{"op":"correlate","rule_yaml":"a","events":[{"id":"1","event":{}}]}', /^`events\.0\.time` is (missing|to be a text, or is to be a number)$/], // prettier-ignore
  ])('says in a sentence what is wrong with a request: %s', (line, reason) => {
    expect(() => answer(line)).toThrow(reason)
  })

  it('tells ids beyond 2⁵³ apart', () => {
    const ids = ['9007199254740992', '9007199254740993', '-9223372036854775807', '-9223372036854775808']
    const events = ids.map((id) => `{"id":"${id}","time":1,"event":{"a":1,"who":${id}}}`)
    const ask = (op: string, yaml: string) =>
      answer(`{"op":"${op}","rule_yaml":${JSON.stringify(yaml)},"events":[${events.join()}]}`)
    const distinct = counted.replace('event_count', 'value_count').replace('{ gte: 2 }', '{ field: who, gte: 4 }')
    expect(ask('correlate', distinct)).toEqual({ firings: [{ event_id: ids[3] }] })
    expect(ask('detect', rule_yaml.replace('a: 1', `who: '${ids[1]}'`))).toEqual({ matched: [ids[1]] })
    expect(ask('detect', rule_yaml.replace('a: 1', 'who|gt: 5'))).toEqual({ matched: [ids[0], ids[1]] })
  })

  it('answers with the reasons when a rule is refused', () =>
    expect(ask({ op: 'load', rule_yaml: rule_yaml.replace('condition: s', 'condition: x') })).toEqual({
      error: 'line 6: condition: `x` is not defined',
    }))
})
