import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { correlateAll } from '../correlate/index.js'
import { parseExact } from '../parse-exact.js'
import { loadRules, type RuleEvent } from '../sigma/index.js'
import { startDocuments } from './testing/documents-table.js'

const head = (name: string) => `title: ${name}\nname: ${name}\nlogsource: { product: any }\n`
/** A rule whose one selection is this, in flow or block style. */
const of = (selection: string, condition = 's'): string =>
  `${head('r')}detection:\n  s: ${selection}\n  condition: ${condition}\n`

/** By the letter of Sigma 2.1, worked out by hand: which of these events match, in both executors. */
const detections: [name: string, yaml: string, events: RuleEvent[], matching: number[]][] = [
  ['cased beside no case', of(`{ 'a|cased': Ab, b: Ab }`), [{ a: 'Ab', b: 'AB' }, { a: 'ab', b: 'ab' }], [0]],
  ['an escaped star beside a wildcard', of(`{ a: 'x\\*y*' }`), [{ a: 'x*yz' }, { a: 'xqyz' }, { a: 'X*Y' }], [0, 2]],
  ['backslash and wildcard', of(`{ a: 'C:\\\\*' }`), [{ a: 'C:\\win' }, { a: 'C:*' }, { a: 'C:\\' }], [0, 2]],
  ['backslash and a literal star', of(`{ a: 'C:\\\\\\*' }`), [{ a: 'C:\\*' }, { a: 'C:\\x' }], [0]],
  ['one character, no more and no fewer', of(`{ a: 'a?c' }`), [{ a: 'abc' }, { a: 'ac' }, { a: 'abbc' }, { a: 'a?c' }], [0, 3]],
  ['every one of a list', of(`{ 'a|contains|all': [x, y] }`), [{ a: 'yx' }, { a: 'xx' }, { a: ['x', 'y'] }], [0, 2]],
  ['an empty text is not missing', of(`{ a: '' }`), [{ a: '' }, {}, { a: null }, { a: ' ' }], [0]],
  ['null is missing as well', of(`{ a: null }`), [{ a: '' }, {}, { a: null }], [1, 2]],
  ['not, over a missing field', of(`{ a: x }`, 'not s'), [{ a: 'x' }, { a: 'y' }, {}], [1, 2]],
  ['neq wants the field', of(`{ 'a|neq': x }`), [{ a: 'x' }, { a: 'y' }, {}], [1]],
  ['numbers in texts, and texts that are none', of(`{ 'a|gte': 10, b: 529 }`), [{ a: '10', b: '529' }, { a: 'ten', b: 529 }, { a: 9.9, b: 529 }], [0]],
  ['a number by the texts that spell it', of(`{ a: 529 }`), [{ a: 529 }, { a: '529' }, { a: '0529' }, { a: '529.0' }, { a: '+529' }, { a: '5.29e2' }, { a: ' 529' }], [0, 1]],
  ['a number in another spelling: as written, and in digits', of(`{ a: [0x1A, 1.50, 007, 1e3] }`), [{ a: 26 }, { a: '26' }, { a: '0x1a' }, { a: 1.5 }, { a: '1.50' }, { a: '1.5' }, { a: '1.500' }, { a: '007' }, { a: '7' }, { a: '07' }, { a: 7 }, { a: '1E3' }, { a: 1000 }, { a: '1000' }, { a: '1000.0' }], [0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13]],
  ['numbers as they are without expand', of(`{ 'a|expand': [0x10, 1.50, true] }`), [{ a: 16 }, { a: '16' }, { a: 1.5 }, { a: '1.5' }, { a: '0x10' }, { a: true }, { a: '1.500' }], [0, 1, 2, 3, 4, 5]],
  ['a sigma wherever it stands', of(`{ 'a|contains': ΟΔΟΣ }`), [{ a: 'ΟΔΟΣ' }, { a: 'οδοσ' }, { a: 'οδος' }, { a: 'ΟΔΟΣΑ' }, { a: 'x ΟΔΟς' }, { a: 'οδο' }], [0, 1, 2, 3, 4]],
  ['a sigma that a word ends with', of(`[{ a: οδος }, { 'a|startswith': 'ΑΣ' }, { a: '?Σ' }]`), [{ a: 'ΟΔΟΣ' }, { a: 'ΑΣΑ' }, { a: 'ας ' }, { a: 'ΒΣ' }, { a: 'βς' }, { a: 'ΒΣΒ' }], [0, 1, 2, 3, 4]],
  ['a sigma of another field', of(`{ 'a|fieldref|contains': b }`), [{ a: 'ΟΔΟΣΑ', b: 'ΟΔΟΣ' }, { a: 'ΣΑΣ', b: 'ας' }, { a: 'ΟΔΟ', b: 'σ' }], [0, 1]],
  ['a sigma with its case', of(`{ 'a|cased|endswith': σ }`), [{ a: 'οσ' }, { a: 'ος' }, { a: 'ΟΣ' }], [0]],
  ['letters whose small letter is an ordinary one, and others', of(`{ a: [k, å, ß, s, ω] }`), [{ a: '\u212a' }, { a: '\u212b' }, { a: 'ẞ' }, { a: 'ſ' }, { a: 'SS' }, { a: '\u2126' }], [0, 1, 2, 5]],
  ['a capital I with its dot is an i and a dot', of(`[{ 'a|startswith': i }, { a: '?\u0307x' }, { a: İy }]`), [{ a: 'İ' }, { a: 'İx' }, { a: 'I' }, { a: 'ı' }, { a: 'i\u0307y' }, { a: 'ıy' }], [0, 1, 2, 4]],
  ['a number that differs', of(`{ 'a|neq': 529 }`), [{ a: 529 }, { a: '529' }, { a: '0529' }, { a: null }, {}], [2]],
  ['every one that a placeholder stands for', of(`{ 'a|expand|contains|all': '%names%' }`), [{ a: 'adm, Root' }, { a: 'adm' }, { a: 'root' }], [0]],
  ['re is cased and unanchored, re|i is not', of(`{ 'a|re': 'b+c', 'b|re|i': '^X' }`), [{ a: 'abbcd', b: 'xy' }, { a: 'ABBC', b: 'x' }, { a: 'bc', b: 'yx' }], [0]],
  ['re|i ignores the case of every letter, whichever matcher takes it', of(`[{ 'a|re|i': '^д+x' }, { 'a|re|i': '^(Ш+)+x' }, { 'a|re|i': '^([å-æ]+)+$' }, { 'a|re|i': '^([^k]+)+!$' }]`), [{ a: 'ДДX' }, { a: 'шШX' }, { a: '\u212bÆ' }, { a: 'Ö' }, { a: 'a!' }, { a: '\u212a!' }], [0, 1, 2, 4]],
  ['dashes of the command line', of(`{ 'a|windash|contains': ' -f ' }`), [{ a: 'x /f y' }, { a: 'x –f y' }, { a: 'x +f y' }], [0, 1]],
  ['wide, then base64 at any offset', of(`{ 'a|wide|base64offset|contains': secret }`), ['', 'x', 'xx'].map((pad) => ({ a: Buffer.from(`${pad}secret`, 'utf16le').toString('base64') })).concat([{ a: Buffer.from('secret').toString('base64') }]), [0, 1, 2]],
  ['networks of IPv4 in IPv6 clothes', of(`{ 'a|cidr': ['::ffff:10.0.0.0/104'] }`), [{ a: '10.9.8.7' }, { a: '::ffff:10.0.0.1' }, { a: '11.0.0.1' }, { a: '::1' }], [0, 1]],
  ['networks of both families', of(`{ 'a|cidr': ['10.0.0.0/8', '2001:db8::/32'] }`), [{ a: '10.9.8.7' }, { a: '2001:db8::1' }, { a: '11.0.0.1' }, { a: 'x' }], [0, 1]],
  ['another field, at its end', of(`{ 'a|fieldref|endswith': b }`), [{ a: 'user@x', b: '@x' }, { a: 'user', b: '@x' }, { a: 'u' }], [0]],
  ['another field, which differs, both being there', of(`{ 'a|fieldref|neq': b }`), [{ a: 'x', b: 'y' }, { a: 'x', b: 'X' }, { a: 'x' }, { a: 'x', b: null }, { b: 'x' }, { a: 'x', b: '' }], [0, 5]],
  ['there, though null', of(`{ 'a|exists': true, 'b|exists': false }`), [{ a: 1 }, { a: 1, b: 1 }, {}], [0]],
  ['a minute and a weekday hour as written', of(`{ 't|hour': 23, 't|minute': 5 }`), [{ t: '2026-03-10T23:05:09Z' }, { t: '2026-03-10T23:06:00Z' }], [0]],
  ['keywords, all of them, anywhere in the values', of(`{ '|all': [alpha, beta] }`), [{ x: 'ALPHA', y: { z: ['a beta b'] } }, { x: 'alpha' }, { beta: 'alpha' }], [0]],
  ['a list of maps is an or', of(`[{ a: 1, b: 2 }, { c: 3 }]`), [{ a: 1, b: 2 }, { a: 1 }, { c: '3' }], [0, 2]],
  ['1 of, and a name that begins with an underscore', `${head('r')}detection:\n  sel_a: { a: 1 }\n  sel_b: { b: 1 }\n  _sel: { c: 1 }\n  condition: 1 of them and not all of sel_*\n`, [{ a: 1 }, { a: 1, b: 1 }, { c: 1 }], [0]],
  ['or, and, not and brackets bind as told', `${head('r')}detection:\n  a: { a: 1 }\n  b: { b: 1 }\n  c: { c: 1 }\n  condition: a or b AND NOT (c or a)\n`, [{ a: 1, c: 1 }, { b: 1 }, { b: 1, c: 1 }], [0, 1]],
  ['a dotted key before a path', of(`{ a.b: 1 }`), [{ 'a.b': 1 }, { a: { b: 1 } }, { a: [{ b: 2 }, { b: 1 }] }, { 'a.b': 2, a: { b: 1 } }], [0, 1, 2]],
  ['what a placeholder stands for', of(`{ 'a|expand|startswith': '%names%' }`), [{ a: 'adm1' }, { a: 'Root' }, { a: '%names%' }], [0, 1]],
  ['a placeholder behind a backslash, and a percent sign', of(`{ 'a|expand': ['C:\\\\%names%', 'D:\\%names%', 'E:\\\\\\%names%'] }`), [{ a: 'C:\\adm' }, { a: 'C:\\%names%' }, { a: 'C:adm' }, { a: 'D:%names%' }, { a: 'D:adm' }, { a: 'E:\\%names%' }, { a: 'E:\\adm' }], [0, 3, 5]],
  ['a filter is one more condition', `${of('{ a: 1 }')}---\ntitle: f\nlogsource: { product: any }\nfilter:\n  rules: [r]\n  known: { b: 1 }\n  condition: not known\n`, [{ a: 1 }, { a: 1, b: 1 }], [0]],
] // prettier-ignore

const base = (name: string, value: string) => `${head(name)}detection: { s: { k: ${value} }, condition: s }\n`
const counting = (type: string, more: string, bases = ['a']): string =>
  [
    `title: c\nname: c\ncorrelation: { type: ${type}, rules: [${bases.join(', ')}], ${more} }\n`,
    ...bases.map((one) => base(one, one)),
  ].join('---\n')
/** `t` seconds: which of these fire. */
type Timed = [t: number, event: RuleEvent]
const k = (t: number, name: string, more: RuleEvent = {}): Timed => [t, { k: name, u: 'x', ...more }]
const correlations: [name: string, yaml: string, events: Timed[], firing: number[]][] = [
  ['both ends of a window count', counting('event_count', `group-by: [u], timespan: 10s, condition: { gte: 3 }`), [k(0, 'a'), k(5, 'a'), k(10, 'a'), k(11, 'a'), k(21, 'a')], [2, 3]],
  ['without the group’s field an event is not counted', counting('event_count', `group-by: [u], timespan: 10s, condition: { gte: 2 }`), [k(0, 'a'), [1, { k: 'a' }], k(2, 'a')], [2]],
  ['exactly so many, and so many no more', counting('event_count', `group-by: [u], timespan: 10s, condition: { eq: 2 }`), [k(0, 'a'), k(1, 'a'), k(2, 'a')], [1]],
  ['different pairs', counting('value_count', `group-by: [u], timespan: 1m, condition: { field: [v, w], gte: 2 }`), [k(0, 'a', { v: 1, w: 1 }), k(1, 'a', { v: 1, w: 1 }), k(2, 'a', { v: 1 }), k(3, 'a', { v: 1, w: 2 })], [3]],
  ['a sum', counting('value_sum', `group-by: [u], timespan: 10s, condition: { field: v, gt: 10 }`), [k(0, 'a', { v: 4 }), k(1, 'a', { v: '6' }), k(2, 'a', { v: 1 }), k(20, 'a', { v: 9 })], [2]],
  ['an average', counting('value_avg', `group-by: [u], timespan: 1m, condition: { field: v, lt: 3 }`), [k(0, 'a', { v: 5 }), k(1, 'a', { v: 1 }), k(2, 'a', { v: 1 })], [2]],
  ['a percentile, between two values', counting('value_percentile', `group-by: [u], timespan: 1m, condition: { field: v, gte: 9, percentile: 90 }`), [k(0, 'a', { v: 0 }), k(1, 'a', { v: 10 }), k(2, 'a', { v: 10 })], [1, 2]],
  ['both, in any order', counting('temporal', `group-by: [u], timespan: 10s`, ['a', 'b']), [k(0, 'b'), k(5, 'a'), k(20, 'a'), k(31, 'b')], [1]],
  ['in this order alone', counting('temporal_ordered', `group-by: [u], timespan: 10s`, ['a', 'b']), [k(0, 'b'), k(5, 'a'), k(8, 'b'), k(30, 'a'), k(41, 'b')], [2]],
  ['two names of one thing', counting('temporal', `group-by: [who], timespan: 10s, aliases: { who: { a: src, b: dst } }`, ['a', 'b']), [[0, { k: 'a', src: '1', dst: '2' }], [1, { k: 'b', src: '1', dst: '2' }], [2, { k: 'b', dst: '1' }]], [2]],
  ['one value under two names', counting('value_count', `group-by: [u], timespan: 1m, aliases: { ip: { a: src, b: dst } }, condition: { field: ip, gte: 2 }`, ['a', 'b']), [k(0, 'a', { src: 1, dst: 9, ip: 7 }), k(1, 'b', { src: 8, dst: 1, ip: 6 }), k(2, 'b', { dst: 2 })], [2]],
  ['a sum of two fields', counting('value_sum', `group-by: [u], timespan: 1m, aliases: { n: { a: x, b: y } }, condition: { field: n, gte: 5 }`, ['a', 'b']), [k(0, 'a', { x: 2, y: 9 }), k(1, 'b', { x: 9, y: 1 }), [2, { k: ['a', 'b'], u: 'x', x: 1, y: 1 }]], [2]],
  ['pairs with a name among them', counting('value_count', `group-by: [u], timespan: 1m, aliases: { n: { a: x } }, condition: { field: [n, m], gte: 2 }`), [k(0, 'a', { x: 1, n: 5, m: 1 }), k(1, 'a', { x: 1, n: 6, m: 1 }), k(2, 'a', { x: 2, m: 1 })], [2]],
  ['what a count below was grouped by', `${counting('event_count', `group-by: [who], timespan: 10s, aliases: { who: { a: src } }, condition: { gte: 2 }`)}---\ntitle: p\nname: p\ncorrelation: { type: value_count, rules: [c], timespan: 1m, condition: { field: who, gte: 2 } }\n`, [k(0, 'a', { src: 1, who: 7 }), k(1, 'a', { src: 1, who: 8 }), k(2, 'a', { src: 2 }), k(3, 'a', { src: 2 })], [3]],
  ['a count of counts', `${counting('event_count', `group-by: [u], timespan: 10s, condition: { gte: 2 }`)}---\ntitle: p\nname: p\ncorrelation: { type: event_count, rules: [c], group-by: [u], timespan: 1m, condition: { gte: 2 } }\n`, [k(0, 'a'), k(1, 'a'), k(30, 'a'), k(31, 'a')], [3]],
] // prettier-ignore

/** Never half done: an error with the file, the line and the reason. */
const wrong: [name: string, yaml: string, line: number | undefined, reason: RegExp][] = [
  ['an unknown modifier', of(`{ 'a|like': x }`), 5, /like/],
  ['all of one', of(`{ 'a|all': x }`), 5, /all/],
  ['null in a list', of(`{ a: [x, null] }`), 5, /null/],
  ['an identifier that is not there', of(`{ a: x }`, 's and t'), 6, /\bt\b/],
  ['a pattern that fits nothing', of(`{ a: x }`, '1 of t_*'), 6, /t_\*/],
  ['an obsolete aggregation', of(`{ a: x }`, 's | count() by u > 5'), 6, /correlation/],
  ['two of', of(`{ a: x }`, '2 of s*'), 6, /2 of/],
  ['an unknown placeholder', of(`{ 'a|expand': '%nobody%' }`), 5, /nobody/],
  ['an address with bits of a host', of(`{ 'a|cidr': 10.0.0.1/8 }`), 5, /10\.0\.0\.1\/8/],
  ['a group of a pattern that refers back', of(`{ 'a|re': '(a)\\1' }`), 5, /re/],
  ['a correlation of itself', `title: c\nname: c\ncorrelation: { type: event_count, rules: [c], timespan: 1m, condition: { gte: 1 } }\n`, 3, /c\b/],
  ['a correlation of nobody', `title: c\nname: c\ncorrelation: { type: event_count, rules: [nobody], timespan: 1m, condition: { gte: 1 } }\n`, 3, /nobody/],
  ['a timespan of no unit', counting('event_count', `timespan: 10, condition: { gte: 1 }`), 3, /timespan|10/],
] // prettier-ignore

describe('rules by the letter of the specification', () => {
  let documents: Awaited<ReturnType<typeof startDocuments>>
  beforeAll(async () => {
    documents = await startDocuments()
  })
  afterAll(() => documents.stop())

  const options = { placeholders: { names: ['adm', 'root'] } }
  const load = (yaml: string) => {
    const { rules, problems } = loadRules([{ file: 'rule.yml', yaml }], options)
    expect(problems).toEqual([])
    return rules
  }
  const bySql = async (yaml: string, name: string, timed: { id: string; time: string; event: RuleEvent }[]) => {
    const rules = load(yaml)
    const firings = await documents.firings(
      rules.find((rule) => rule.name === name)!,
      rules,
      await documents.insert(timed),
    )
    if (typeof firings === 'string') throw new Error(firings)
    return [...new Set(firings.map(({ event_id }) => Number(event_id)))].sort((a, b) => a - b)
  }

  it.each(detections)('matches: %s', async (_, yaml, events, matching) => {
    const rule = load(yaml).find(({ kind }) => kind === 'detection')
    if (rule?.kind !== 'detection') throw new Error('no rule')
    expect(events.flatMap((event, n) => (rule.matches(event) ? [n] : []))).toEqual(matching)
    const timed = events.map((event, n) => ({ id: String(n), time: new Date(n).toISOString(), event }))
    expect(await bySql(yaml, 'r', timed)).toEqual(matching)
  })

  it.each(correlations)('fires: %s', async (_, yaml, events, firing) => {
    const timed = events.map(([t, event], n) => ({ id: String(n), time: new Date(t * 1000).toISOString(), event }))
    const rules = load(yaml)
    const root = rules.findLast(({ alerts, kind }) => alerts && kind === 'correlation')!.name
    const found = correlateAll(rules, timed).filter(({ rule }) => rule === root)
    expect(found.map(({ event_id }) => Number(event_id))).toEqual(firing)
    expect(await bySql(yaml, root, timed)).toEqual(firing)
  })

  it('know one small letter of each capital', async () => {
    const letters = Array.from({ length: 0x1f000 }, (_, code) => String.fromCodePoint(code + 0x80)).filter(
      (char) => char.isWellFormed() && char.toLowerCase() !== char,
    )
    expect(letters.length).toBeGreaterThan(1400)
    const timed = letters.flatMap((char, n) => {
      const event = { a: `${char}${char}a`, b: `${char}${char}`.toLowerCase() }
      return { id: String(n), time: new Date(n).toISOString(), event }
    })
    const [rule] = load(of(`{ 'a|fieldref|startswith': b }`))
    expect(timed.filter(({ event }) => rule?.kind === 'detection' && !rule.matches(event))).toEqual([])
    expect(await bySql(of(`{ 'a|fieldref|startswith': b }`), 'r', timed)).toEqual([...letters.keys()])
  })

  it('tells whole numbers beyond 2⁵³ apart', async () => {
    const { rawJSON } = JSON as unknown as { rawJSON(source: string): unknown }
    const ids = [
      '9007199254740991',
      '9007199254740992',
      '9007199254740993',
      '-9223372036854775808',
      '18446744073709551615',
    ]
    const timed = [...ids, ...ids].map((id, n) => {
      const event: RuleEvent = { k: 'a', v: rawJSON(id), in: [{ v: rawJSON(id) }] }
      return { id: String(n), time: new Date(n * 1000).toISOString(), event }
    })
    const exact = timed.map((one) => ({ ...one, event: parseExact(JSON.stringify(one.event)) as RuleEvent }))
    for (const field of ['v', 'in.v']) {
      const yaml = counting('value_count', `timespan: 1m, condition: { field: ${field}, gte: 5 }`)
      const firing = [4, 5, 6, 7, 8, 9]
      expect(correlateAll(load(yaml), exact).map(({ event_id }) => Number(event_id))).toEqual(firing)
      expect(await bySql(yaml, 'c', timed)).toEqual(firing)
    }
    const [, , third] = ids
    for (const [selection, matching] of [
      [`{ v: '${third}' }`, [2, 7]],
      [`{ 'v|gt': 9007199254740991 }`, [1, 2, 4, 6, 7, 9]],
      [`{ 'v|startswith': '-92' }`, [3, 8]],
      [`['${third}']`, [2, 7]],
    ] as const) {
      const rule = load(of(selection)).find(({ kind }) => kind === 'detection')
      expect(exact.flatMap(({ event }, n) => (rule?.kind === 'detection' && rule.matches(event) ? [n] : []))).toEqual(matching) // prettier-ignore
      expect(await bySql(of(selection), 'r', timed)).toEqual(matching)
    }
  })

  it.each(wrong)('refuses: %s', (_, yaml, line, reason) => {
    const { problems } = loadRules([{ file: 'rule.yml', yaml }], options)
    expect(problems.map((problem) => [problem.file, problem.line])).toEqual([['rule.yml', line]])
    expect(problems[0]?.reason).toMatch(reason)
  })
})
