import { describe, expect, it } from '@jest/globals'
import { correlateAll } from '../correlate/index.js'
import { loadRules } from './load-rules.js'

/** Cases with answers from the Sigma specification 2.1 and from what pySigma makes of them. */
const head = 'title: t\nname: base\nlogsource: { product: test }\n'
const load = (yaml: string) => loadRules([{ file: 'a.yml', yaml }])
const rule = (selections: string, condition = 'sel') =>
  load(`${head}detection:\n${selections.replace(/^/gm, '  ')}\n  condition: ${condition}\n`)
const matches = (selections: string, event: Record<string, unknown>, condition?: string): boolean => {
  const { rules, problems } = rule(selections, condition)
  const [first] = rules
  if (first?.kind !== 'detection') throw new Error(JSON.stringify(problems))
  return first.matches(event)
}
const refusal = (selections: string, condition?: string) => rule(selections, condition).problems[0]

describe('whole numbers of many digits', () => {
  it('are refused, because numbers do not tell them from their neighbours, and exact in quotes', () => {
    expect(refusal('sel: { f: 110101199003071234 }')).toMatchObject({
      line: 5,
      reason: expect.stringContaining('write it in quotes'),
    })
    expect(refusal('sel: { f: [1, 9007199254740992] }')).toBeDefined()
    expect(matches('sel: { f: 9007199254740991 }', { f: 9007199254740991 })).toBe(true)
    for (const [f, yes] of [
      ['110101199003071234', true],
      ['110101199003071233', false],
    ] as const)
      expect(matches("sel: { f: '110101199003071234' }", { f })).toBe(yes)
  })
})

describe('backslashes and wildcards', () => {
  // rule text (single-quoted YAML) → what it must match, what it must not
  it.each([
    [String.raw`'\*'`, ['*'], ['x', String.raw`\*`]],
    [String.raw`'\?x'`, ['?x'], ['ax', String.raw`\?x`]],
    [String.raw`'\\*'`, ['\\', '\\anything'], ['*', 'x']],
    [String.raw`'\\\*'`, [String.raw`\*`], ['\\x', '*']],
    [String.raw`'C:\Windows\*'`, ['C:\\Windows*'], ['C:\\Windows\\x']],
    [String.raw`'C:\Windows\\*'`, ['c:\\windows\\x'], ['C:\\Windows']],
    [String.raw`'a\b'`, ['a\\b', 'A\\B'], ['ab', 'a\\\\b']],
    [String.raw`'a\\b'`, ['a\\b'], ['a\\\\b', 'ab']],
    [String.raw`'end\'`, ['end\\'], ['end']],
    [`'a?c'`, ['abc', 'a?c', 'a*c'], ['ac', 'abbc']],
    [`'*'`, ['', 'x', 'a\nb'], []],
    [`'a.c[d]+$'`, ['a.c[d]+$'], ['abcd', 'axc[d]+$']],
  ])('%s', (written, yes, no) => {
    for (const value of yes) expect([value, matches(`sel: { f: ${written} }`, { f: value })]).toEqual([value, true])
    for (const value of no) expect([value, matches(`sel: { f: ${written} }`, { f: value })]).toEqual([value, false])
  })

  it('stand inside affixes: what `contains` adds is no part of the text', () => {
    expect(matches(`sel: { f|contains: 'a*c' }`, { f: 'xxabbbcxx' })).toBe(true)
    expect(matches(String.raw`sel: { f|endswith: '\cmd.exe' }`, { f: 'C:\\x\\CMD.EXE' })).toBe(true)
    expect(matches(String.raw`sel: { f|startswith: '\*' }`, { f: '*x' })).toBe(true)
    expect(matches(String.raw`sel: { f|startswith: '\*' }`, { f: 'x' })).toBe(false)
  })
})

describe('networks', () => {
  it.each([
    ['192.168.0.0/16', ['192.168.255.1', '::ffff:192.168.0.1'], ['192.169.0.1', '192.168.0', '192.168.0.1 ']],
    ['10.0.0.8/31', ['10.0.0.8', '10.0.0.9'], ['10.0.0.10', '10.0.0.7', '010.0.0.8']],
    ['0.0.0.0/0', ['255.255.255.255', '0.0.0.0'], ['::1', 'host', '']],
    ['2001:db8::/32', ['2001:db8:ffff::1', '2001:0DB8::'], ['2001:db9::', '32.1.13.184']],
    ['2001:db8:0:8000::/49', ['2001:db8:0:8000::1', '2001:db8:0:ffff::'], ['2001:db8:0:7fff::', '2001:db8:1::']],
    ['::/0', ['::', 'fe80::1', '1::2'], ['1.2.3.4', '::ffff:1.2.3.4', '1:2']],
    ['fe80::1/128', ['fe80:0:0:0:0:0:0:1'], ['fe80::2', 'fe80::1%eth0']],
  ])('%s', (network, yes, no) => {
    for (const ip of yes) expect([ip, matches(`sel: { ip|cidr: '${network}' }`, { ip })]).toEqual([ip, true])
    for (const ip of no) expect([ip, matches(`sel: { ip|cidr: '${network}' }`, { ip })]).toEqual([ip, false])
  })

  it.each(['1.2.3.4::', '1.2.3.4::1', '::1.2.3.4:5', '1::2::3', '1:2:3:4:5:6:7:8::', ':1', '1:', '12345::', '::1.2.3'])(
    '%s is no address',
    (ip) => {
      expect(matches(`sel: { ip|cidr: '::/0' }`, { ip })).toBe(false)
      expect(refusal(`sel: { ip|cidr: '${ip}/64' }`)).toMatchObject({ file: 'a.yml', line: 5 })
    },
  )

  it.each(['10.0.0.1/8', '10.0.0.0/33', '2001:db8::1/32', '::/129', '10.0.0.0/', '10.0.0/8', '/8', '10.0.0.0/-1'])(
    '%s is no network, and says so with its line',
    (network) => expect(refusal(`sel: { ip|cidr: '${network}' }`)).toMatchObject({ file: 'a.yml', line: 5 }),
  )
})

describe('encodings, dashes and other fields', () => {
  it('base64offset finds a text at every offset, as the specification shows it', () => {
    const sel = `sel: { f|base64offset|contains: 'http://' }`
    for (const shift of ['', 'a', 'bc', 'def', 'long prefix '])
      expect([shift, matches(sel, { f: Buffer.from(`${shift}http://x.test`).toString('base64') })]).toEqual([
        shift,
        true,
      ])
    for (const part of ['aHR0cDovL', 'h0dHA6Ly', 'odHRwOi8v']) expect(matches(sel, { f: `xx${part}yy` })).toBe(true)
    expect(matches(sel, { f: Buffer.from('ftp://x').toString('base64') })).toBe(false)
  })

  it('utf16 before base64 is what PowerShell writes', () => {
    const wide = Buffer.from('ping', 'utf16le').toString('base64')
    expect(matches('sel: { f|utf16le|base64: ping }', { f: wide })).toBe(true)
    expect(matches('sel: { f|wide|base64offset|contains: ping }', { f: `xx${Buffer.from('aping', 'utf16le').toString('base64')}` })).toBe(true) // prettier-ignore
    expect(matches('sel: { f|base64: ping }', { f: wide })).toBe(false)
  })

  it('windash takes all five dashes where a parameter begins, and no other character', () => {
    const sel = `sel: { f|windash|contains: ' -f' }`
    for (const dash of ['-', '/', '\u2013', '\u2014', '\u2015'])
      expect([dash, matches(sel, { f: `cmd ${dash}f x` })]).toEqual([dash, true])
    for (const other of ['_', '+', '\u2212', '\\'])
      expect([other, matches(sel, { f: `cmd ${other}f x` })]).toEqual([other, false])
    expect(matches(`sel: { f|windash|contains: ' -a-b' }`, { f: 'cmd /a-b' })).toBe(true)
  })

  it('fieldref compares with what the other field holds, and with nothing where it is missing', () => {
    expect(matches('sel: { a|fieldref: b }', { a: 'X', b: 'x' })).toBe(true)
    expect(matches('sel: { a|fieldref: b }', { a: 'x' })).toBe(false)
    expect(matches('sel: { a|fieldref: b }', {})).toBe(false)
    expect(matches('sel: { a|fieldref|startswith: b }', { a: 'abc', b: 'ab' })).toBe(true)
    expect(matches('sel: { a|fieldref|contains: b }', { a: 'axxb', b: 'x*b' })).toBe(false) // no wildcards in data
    expect(matches('sel: { a|neq|fieldref: b }', { a: '1', b: '2' })).toBe(true)
  })

  it('null, empty and missing are three things', () => {
    const events = [{}, { f: null }, { f: '' }, { f: 'x' }, { f: [] }]
    const found = (sel: string, condition?: string) => events.map((event) => matches(sel, event, condition))
    expect(found('sel: { f: null }')).toEqual([true, true, false, false, false])
    expect(found(`sel: { f: '' }`)).toEqual([false, false, true, false, false])
    expect(found('sel: { f|exists: true }').slice(0, 4)).toEqual([false, true, true, true])
    expect(found('sel: { f|exists: false }').slice(0, 4)).toEqual([true, false, false, false])
    expect(found(`sel: { f: '*' }`)).toEqual([false, false, true, true, false])
    expect(found('sel: { f: x }', 'not sel')).toEqual([true, true, true, false, true])
  })
})

describe('conditions', () => {
  const three = 'a: { a: 1 }\nb: { b: 1 }\nc: { c: 1 }'
  const truth = (condition: string): string =>
    [0, 1, 2, 3, 4, 5, 6, 7]
      .filter((bits) => matches(three, { a: (bits >> 2) & 1, b: (bits >> 1) & 1, c: bits & 1 }, condition))
      .join('')

  it.each([
    ['a or b and c', '34567'],
    ['(a or b) and c', '357'],
    ['not a and b', '23'],
    ['not (a and b)', '012345'],
    ['not a or b', '012367'],
    ['a and not b or c', '13457'],
    ['a and not (b or c)', '4'],
    ['not not a', '4567'],
    ['not a and not b and not c', '0'],
    ['((a))', '4567'],
    ['1 of them', '1234567'],
    ['all of them', '7'],
    ['not 1 of them', '0'],
    ['not all of them', '0123456'],
    ['a and 1 of b*', '67'],
  ])('%s', (condition, expected) => expect(truth(condition)).toBe(expected))

  it('1 of x* looks at the names that fit, and at one of them at least', () => {
    const sel = 'sel_a: { f: 1 }\nsel_b: { f: 2 }\nother: { f: 3 }'
    expect([1, 2, 3, 4].map((f) => matches(sel, { f }, '1 of sel_*'))).toEqual([true, true, false, false])
    expect(matches(sel, { f: [1, 2] }, 'all of sel_*')).toBe(true)
    expect(refusal(sel, '1 of none_*')).toMatchObject({ file: 'a.yml', line: 8 })
  })

  it.each(['a and', 'and a', 'a b', '(a', 'a)', 'a or or b', 'not', 'd', '', '2 of them', 'a | count() > 5', 'a & b'])(
    '`%s` is refused with file, line and reason',
    (condition) => {
      const problem = refusal(three, condition)
      expect(problem).toMatchObject({ file: 'a.yml', line: 8 })
      expect(problem?.reason.length).toBeGreaterThan(10)
    },
  )
})

describe('correlations', () => {
  const bases = ['a', 'b', 'c']
    .map(
      (name) =>
        `title: ${name}\nname: ${name}\nlogsource: { product: test }\ndetection: { sel: { k: ${name} }, condition: sel }\n`,
    )
    .join('---\n')
  const fired = (correlation: string, events: [second: number, kind: string, more?: object][]): number[] => {
    const { rules, problems } = load(`${bases}---\n${correlation}`)
    if (problems.length) throw new Error(JSON.stringify(problems))
    const all = events.map(([second, k, more], i) => ({
      id: String(i),
      time: new Date(second * 1000).toISOString(),
      event: { k, ...more },
    }))
    return correlateAll(rules, all).flatMap(({ rule, event_id }) => (rule === 'all' ? Number(event_id) : []))
  }
  const of = (type: string, more = '', rules = '[a, b]') =>
    `title: t\nname: all\ncorrelation: { type: ${type}, rules: ${rules}, timespan: 10s${more} }\n`

  it('temporal_ordered wants the order; at the same moment, the order in which they came', () => {
    const ordered = of('temporal_ordered')
    expect(fired(ordered, [[0, 'a'], [1, 'b']])).toEqual([1]) // prettier-ignore
    expect(fired(ordered, [[0, 'b'], [1, 'a']])).toEqual([]) // prettier-ignore
    expect(fired(ordered, [[5, 'a'], [5, 'b']])).toEqual([1]) // prettier-ignore
    expect(fired(ordered, [[5, 'b'], [5, 'a']])).toEqual([]) // prettier-ignore
    expect(fired(ordered, [[0, 'b'], [1, 'a'], [2, 'b']])).toEqual([2]) // prettier-ignore
    expect(fired(ordered, [[0, 'a'], [10, 'b']])).toEqual([1]) // prettier-ignore
    expect(fired(ordered, [[0, 'a'], [10.001, 'b']])).toEqual([]) // prettier-ignore
  })

  it('temporal wants all of them in any order, within the timespan', () => {
    expect(fired(of('temporal'), [[0, 'b'], [1, 'a']])).toEqual([1]) // prettier-ignore
    expect(fired(of('temporal', '', '[a, b, c]'), [[0, 'c'], [5, 'a'], [10, 'b']])).toEqual([2]) // prettier-ignore
    expect(fired(of('temporal', '', '[a, b, c]'), [[0, 'c'], [5, 'a'], [11, 'b']])).toEqual([]) // prettier-ignore
  })

  it('a chain counts what the correlation below fired, in its own groups', () => {
    const chain = `title: t\nname: many\ncorrelation: { type: event_count, rules: [a], group-by: [u], timespan: 10s, condition: { gte: 2 } }
---
title: t\nname: all\ncorrelation: { type: temporal_ordered, rules: [many, b], group-by: [u], timespan: 1m }\n`
    const one = { u: 'x' }
    expect(fired(chain, [[0, 'a', one], [1, 'a', one], [2, 'b', one]])).toEqual([2]) // prettier-ignore
    expect(fired(chain, [[0, 'a', one], [1, 'a', { u: 'y' }], [2, 'b', one]])).toEqual([]) // prettier-ignore
    expect(fired(chain, [[0, 'a', one], [1, 'b', one], [2, 'a', one]])).toEqual([]) // prettier-ignore
  })

  it('value_percentile at its edges is the least and the greatest value', () => {
    const at = (percentile: number, op: string) => of('value_percentile', `, condition: { field: n, percentile: ${percentile}, ${op} }`, '[a]') // prettier-ignore
    const values = (...all: number[]): [number, string, object][] => all.map((n, i) => [i, 'a', { n }])
    expect(fired(at(0, 'gte: 5'), values(9, 5, 4))).toEqual([0, 1])
    expect(fired(at(100, 'gte: 9'), values(5, 8, 9))).toEqual([2])
    expect(fired(at(50, 'gt: 5'), values(7))).toEqual([0])
    expect(fired(at(50, 'gte: 0'), [[0, 'a', { n: 'no number' }], [1, 'a']])).toEqual([]) // prettier-ignore
  })

  it.each([
    ['event_count', '', 'needs a condition'],
    ['value_count', ', condition: { gte: 2 }', 'field'],
    ['value_percentile', ', condition: { field: n, percentile: 101, gte: 2 }', 'percentile'],
    ['event_count', ', condition: { gte: 2, percentile: 5 }', 'percentile'],
    ['event_count', ', condition: { about: 2 }', 'about'],
    ['nearly', ', condition: { gte: 2 }', 'type'],
  ])('%s%s is refused with file, line and reason', (type, more, reason) => {
    const [problem] = load(`${bases}---\n${of(type, more)}`).problems
    expect(problem).toMatchObject({ file: 'a.yml', line: expect.any(Number), reason: expect.stringContaining(reason) })
  })

  it('a filter is one more condition, as written, for the rules that it lists and no others', () => {
    const filter =
      'title: f\nlogsource: { product: test }\nfilter:\n  rules: [a]\n  known: { u: x }\n  condition: not known\n'
    const { rules, problems } = load(`${bases}---\n${filter}`)
    expect(problems).toEqual([])
    const found = (event: Record<string, unknown>) =>
      rules.flatMap((one) => (one.kind === 'detection' && one.matches(event) ? [one.name] : []))
    expect(found({ k: 'a' })).toEqual(['a'])
    expect(found({ k: 'a', u: 'x' })).toEqual([])
    expect(found({ k: 'b', u: 'x' })).toEqual(['b'])
  })
})
