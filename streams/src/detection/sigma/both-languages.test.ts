import { describe, expect, it } from '@jest/globals'
import { compileRules } from '../run/rule-set.js'
import { loadRules } from './load-rules.js'
import { schemaSays } from './reason.js'

const rule = (selection: string, more = '', condition = 's') =>
  `title: t\nlogsource: { product: custodia }\ndetection: { s: ${selection}, condition: '${condition}' }\n${more}`
const base =
  'title: b\nname: base\nlogsource: { product: custodia }\ndetection: { s: { action: view }, condition: s }\n'
const correlation = (more: string, after = '') =>
  `title: c\nname: c\ncorrelation: { rules: [base], group-by: [actor], timespan: 1h, ${more} }\n${after}---\n${base}`
const counting = (keys: string, after = 'condition: { gt: 3 }') =>
  correlation(`type: event_count, ${after}`, `custodia: { ${keys} }\n`)

/** One of each kind: values, modifiers, patterns, conditions, correlations, filters, our keys, what Sigma says about a rule. */
const refused: string[] = [
  'a: [',
  '- a',
  '',
  'a: 1\na: 2',
  ...['global', 'repeat', 'reset'].map((action) => `action: ${action}\n`),
  'logsource: { product: custodia }\ndetection: {}',
  'title: t\nlogsource: { product: custodia }\n',
  ...['{}', '[]', '{ action: }\n  t: []', '{ action: { deep: 1 } }', '{ action: [view, null] }', '{ bytes: 12345678901234567890 }', '{ bytes: .inf }'].map((one) => rule(one)), // prettier-ignore
  ...['action|like: x', 'action|all: x', 'count|gt: x', 'ip|cidr: x', 'ip|cidr: "::ffff:10.0.0.0/64"', 'action|contains|cidr: x', 'action|exists: x', 'action|exists: [true, false]', 'action|fieldref: "a*"', 'action|contains|fieldref: team', 'action|expand: "%nobody%"', 'action|base64|expand: "%nobody%"', 'action|base64: "a*"', 'action|i: x', 'time|hour: 25', 'action|re|cidr: x', 'action|windash: " -a -b -c -d -e -f"', 'action|lt|contains: x', 'atcion: x', 'action|gt|contains: 5'].map((one) => rule(`{ '${one.split(': ')[0]}': ${one.split(': ').slice(1).join(': ')} }`)), // prettier-ignore
  ...['a)', '*', 'a++', 'a{2,1}', '(?>a)', '(a', 'a\\', '\\Q', '[a', '[[:odd:]]', '[b-a]', '^*', '(a+)+b(?=c)'].map((one) => rule(`{ 'action|re': '${one}' }`)), // prettier-ignore
  ...['s and', 's | count() > 1', 's ; s', 's s', '(s', 't', 'and', '2 of s', '1 of', '1 of t*'].map((one) => rule('{ action: view }', '', one)), // prettier-ignore
  rule('{ action: view }').replace('product: custodia', 'product: windows'),
  rule('{ action: view }').replace('{ product: custodia }', '{}'),
  rule('{ action: view }').replace("condition: 's'", 'timeframe: 5m, condition: s'),
  rule('{ action: view }').replace(", condition: 's'", ''),
  ...['id: x', 'level: loud', 'status: odd', 'name: ""', 'date: soon', 'tags: x', 'tags: [x]', 'fields: x', 'references: x', 'falsepositives: x', 'scope: x', 'fields: [1]', 'related: x', 'related: [{ id: x, type: derived }]', 'title: t2', 'generate: 1\ncorrelation: { type: event_count }', 'related: [x]'].map((one) => rule('{ action: view }', `${one}\n`)), // prettier-ignore
  ...['type: odd', 'type: event_count', 'type: event_count, condition: a', 'type: value_count, condition: { gt: 1 }', 'type: event_count, condition: { gt: 1, field: ip }', 'type: value_sum, condition: { gt: 1, field: [ip, team] }', 'type: event_count, condition: { gt: 1, percentile: 5 }', 'type: value_percentile, condition: { gt: 1, field: count, percentile: 500 }', 'type: event_count, condition: { more: 1 }', 'type: event_count, condition: { gt: 1 }, aliases: { a: { nobody: ip } }', 'type: event_count, condition: { gt: 1 }, generate: 7', 'type: event_count, condition: { gt: 20000 }'].map((one) => correlation(one)), // prettier-ignore
  ...['rules: []', 'rules: [nobody]', 'rules: [base, base]', 'rules: [c]', 'rules: 7', 'timespan: soon', 'timespan: 7', 'group-by: [odd]'].map((one) => correlation('type: event_count, condition: { gt: 1 }').replace(new RegExp(`${one.split(':')[0]}: [^,]+,`), `${one},`)), // prettier-ignore
  ...['respond: [odd]', 'respond: [alert, alert]', 'respond: [{ freeze: soon }]', 'respond: [{ freeze: 0s }]', 'respond: [{ freeze: 1h, block: 1h }]', 'mode: odd', 'suppress: soon', 'odd: 1', 'text: { en: "{odd}", zh: x }', 'text: { en: "{group.ip}", zh: x }', 'text: { en: x }', 'clauses: [x]', 'runbook: 7', 'hold: 7', 'exceptions: 7', 'exceptions: [{ when: {}, owner: "", reason: "", expires: soon }]', 'exceptions: [{ when: { action: view }, owner: a, reason: abc, expires: soon }]', 'exceptions: [{ when: { action: view }, owner: a, reason: ab, expires: 2027-01-01 }]', 'exceptions: [{ when: { action: view }, owner: "", reason: abc, expires: 2027-01-01 }]', 'exceptions: [{ when: 7, owner: "", reason: abc, expires: 2027-01-01 }]'].map((one) => counting(one)), // prettier-ignore
  ...['condition: { gte: 3 }', 'condition: { gt: 3, lt: 9 }'].map((one) => counting('hold: true', one)),
  counting('hold: true').replace('group-by: [actor]', 'group-by: [ip]'),
  counting('hold: true').replace('event_count, condition: {', 'value_avg, condition: { field: count, '),
  rule('{ action: view }', 'custodia: { hold: true }\n'),
  rule('{ action: view }', 'custodia: { hold: true, text: { en: "{group.team}", zh: x } }\n'),
  ...['rules: [nobody]', 'rules: 7', 'rules: any\ncustodia: {}', 'rules: [f]'].map((one) => `title: f\nname: f\nlogsource: { product: custodia }\nfilter:\n  s: { action: view }\n  condition: not s\n  ${one}\n`), // prettier-ignore
  `${base}---\n${base}`,
]

/** What a reason names: it stands in both sentences. */
const named = (reason: string): string[] => [...reason.matchAll(/`([^`]+)`/g)].map(([, name]) => name!).sort()

describe('reasons', () => {
  it.each(refused)('are told in both languages: %j', (yaml) => {
    const { problems } = compileRules([{ file: 'rule.yml', yaml }])
    expect(problems).not.toEqual([])
    for (const { reason, reason_zh: zh = '' } of problems) {
      expect(zh).toMatch(/\p{Script=Han}/u)
      if (!reason.startsWith('not valid YAML')) expect([reason, named(zh)]).toEqual([reason, named(reason)])
    }
  })

  it('are so of placeholders and of notes, too', () => {
    const files = [
      { file: 'placeholders.yml', yaml: 'a: []' },
      { file: 'b/placeholders.yml', yaml: 'a: 1' },
      {
        file: 'c.yml',
        yaml: correlation('type: event_count, condition: { gt: 3, lt: 2 }, aliases: { a: { base: ip } }'),
      },
    ]
    const { problems, notes } = loadRules(files)
    expect([problems.length, notes.length]).toEqual([2, 2])
    for (const { reason_zh } of [...problems, ...notes]) expect(reason_zh).toMatch(/\p{Script=Han}/u)
  })

  it('are so by the schemas: one without its Chinese cannot be written', () => {
    expect(() => schemaSays('is something new')).toThrow('has no Chinese')
  })
})
