import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'

const rule = (name: string, value = '%vips%', more = '') => `title: Seen
name: ${name}
logsource: { product: test }
detection:
  selection:
    customer_id|expand: '${value}'
  condition: selection
${more}`
const load = (placeholders: string, yaml: string, file = 'placeholders.yml') =>
  loadRules([
    { file: 'a.yml', yaml },
    { file, yaml: placeholders },
  ])
const hits = (placeholders: string, event: object, yaml = rule('seen')): boolean => {
  const { rules, problems } = load(placeholders, yaml)
  expect(problems).toEqual([])
  return rules.some((one) => one.kind === 'detection' && one.matches({ ...event }))
}
const versionOf = (placeholders: string, yaml: string): string => load(placeholders, yaml).rules.at(-1)!.version

describe('placeholders.yml among the rules', () => {
  it('says what names stand for: a value or a list of them, wildcards included', () => {
    expect(hits('vips: [c-1, c-9*]', { customer_id: 'c-97' })).toBe(true)
    expect(hits('vips: c-1', { customer_id: 'c-1' })).toBe(true)
    expect(hits('vips:\n  - c-1\n', { customer_id: 'c-2' })).toBe(false)
  })

  it('keeps numbers as they are written', () => {
    expect(hits('vips: [440101199001011234, 007]', { customer_id: '440101199001011234' })).toBe(true)
    expect(hits('vips: [440101199001011234, 007]', { customer_id: '007' })).toBe(true)
  })

  it('is no rule, wherever it lies, and may say nothing', () => {
    expect(load('# nothing yet\n', rule('seen', 'c-1'))).toMatchObject({ problems: [], rules: [{ name: 'seen' }] })
    expect(load('vips: c-1', rule('seen'), 'rules/placeholders.yml').problems).toEqual([])
  })

  it('tells a name that it does not have at the line of the rule', () => {
    expect(load('vip: c-1', rule('seen')).problems).toMatchObject([
      {
        file: 'a.yml',
        line: 6,
        reason: 'placeholder %vips% is not defined: `placeholders.yml` says what they stand for',
      },
    ])
  })

  it.each([
    ['other: 1\nvips:\n', 2, '`vips` has an empty value'],
    ['other: 1\nvips: []\n', 2, '`vips` stands for nothing: give it a value, or take it away'],
    ['vips:\n  - a\n  - { b: c }\n', 3, '`vips` stands for a value or a list of values, nothing deeper'],
    ['vips: a\n---\nmore: b\n', 3, 'is one map: names, and the values that they stand for'],
    ['vips: [', 1, expect.stringMatching(/^not valid YAML/)],
    ['vips: a\nvips: b\n', 2, expect.stringMatching(/^not valid YAML/)],
  ])('is refused with its line: %j', (yaml, line, reason) => {
    expect(load(yaml, rule('seen', 'c-1')).problems).toMatchObject([{ file: 'placeholders.yml', line, reason }])
  })

  it('is one file', () => {
    const yaml = 'vips: c-1'
    const { problems } = loadRules([
      { file: 'a/placeholders.yml', yaml },
      { file: 'b/placeholders.yml', yaml },
    ])
    expect(problems).toMatchObject([
      { file: 'b/placeholders.yml', reason: 'there is one file of placeholders: a/placeholders.yml has them' },
    ])
  })

  it('is part of the version of the rules that use it, of what counts them, and of no others', () => {
    const counting = `${rule('seen')}---\ntitle: Many\nname: many\ncorrelation: { type: event_count, rules: [seen], timespan: 1h, condition: { gt: 5 } }\n`
    for (const yaml of [rule('seen'), counting]) {
      expect(versionOf('vips: c-2', yaml)).not.toBe(versionOf('vips: c-1', yaml))
      expect(versionOf('vips: c-1 # the first\nother: c-3', yaml)).toBe(versionOf('vips: c-1', yaml))
    }
    expect(versionOf('vips: c-2', rule('seen', 'c-1'))).toBe(versionOf('vips: c-1', rule('seen', 'c-1')))
  })

  it('may be used in exceptions, also of what counts', () => {
    const exceptions = `custodia:
  exceptions:
    - when: { actor|expand: '%auditors%' }
      owner: li.na
      reason: audit of the year
      expires: 2099-01-01
`
    const lists = 'vips: c-1\nauditors: [zhou]'
    const event = { customer_id: 'c-1', time: '2026-01-01T00:00:00Z' }
    expect(hits(lists, { ...event, actor: 'zhou' }, rule('seen', '%vips%', exceptions))).toBe(false)
    expect(hits(lists, { ...event, actor: 'chen' }, rule('seen', '%vips%', exceptions))).toBe(true)
    const counting = `${rule('seen')}---\ntitle: Many\nname: many\ncorrelation: { type: event_count, rules: [seen], timespan: 1h, condition: { gt: 5 } }\n${exceptions}`
    expect(versionOf(`${lists}\n`, counting)).not.toBe(versionOf('vips: c-1\nauditors: [qian]\n', counting))
  })
})
