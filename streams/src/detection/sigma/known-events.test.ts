import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'

const fields = ['action', 'actor', 'customer_id', 'record_id', 'ip', 'time']
const base = (item: string, logsource = 'product: custodia, category: access', more = '') => `title: Seen
name: seen
logsource: { ${logsource} }
detection:
  selection:
    action: view
    ${item}
  condition: selection
${more}`
const counted = (correlation: string, more = '') => `${base('actor: a')}---
title: Many
name: many
correlation:
  type: value_count
  rules: [seen]
  timespan: 10m
${correlation}
${more}`
const notThem = (logsource: string, rules: string, field = 'actor') =>
  `---\ntitle: Not them\nlogsource: { ${logsource} }\nfilter:\n  rules: ${rules}\n  them: { ${field}: a }\n  condition: not them\n`
const events = { logsource: { product: 'custodia', category: 'access' }, fields }
const problemOf = (yaml: string) => loadRules([{ file: 'a.yml', yaml }], { events }).problems[0]
const exception = `custodia:
  exceptions:
    - when:
        action: view
        acter: a
      owner: li.na
      reason: audit of the year
      expires: 2099-01-01`

describe('a field that our own events do not have', () => {
  it.each([
    ['an item', base("customr_id|startswith: 'a'"), 7, '; did you mean `customer_id`?'],
    ['a field compared with', base('record_id|fieldref: custmer_id'), 7, '; did you mean `customer_id`?'],
    ['another way to write it', base('customerId: a'), 7, '; did you mean `customer_id`?'],
    ['nothing near it', base('commandline: a'), 7, ''],
    ['an exception', base('actor: a', undefined, exception), 13, '; did you mean `actor`?'],
    [
      'a group',
      counted('  group-by:\n    - ip\n    - actr\n  condition: { field: ip, gt: 5 }'),
      18,
      '; did you mean `actor`?',
    ],
    ['what is counted', counted('  condition: { field: custmer_id, gt: 5 }'), 16, '; did you mean `customer_id`?'],
    [
      'an alias',
      counted('  group-by: [who]\n  condition: { field: ip, gt: 5 }\n  aliases:\n    who: { seen: acton }'),
      19,
      '; did you mean `action`?',
    ],
    [
      'an exception of what counts',
      counted('  condition: { field: ip, gt: 5 }', exception),
      21,
      '; did you mean `actor`?',
    ],
    ['a filter', base('actor: a') + notThem('product: custodia', 'any', 'tem'), 14, ''],
  ])('is refused with its line: %s', (_, yaml, line, meant) => {
    expect(problemOf(yaml)).toMatchObject({
      file: 'a.yml',
      line,
      reason: expect.stringMatching(/^`\w+` is no field of `product: custodia`/),
    })
    expect(problemOf(yaml)?.reason.replace(/^.*custodia`/, '')).toBe(meant)
  })

  it('is none where a group is named by an alias, or by what a counted correlation has for its group', () => {
    const alias = '  group-by: [who]\n  condition: { field: ip, gt: 5 }\n  aliases: { who: { seen: actor } }'
    const chain = `---\ntitle: Again\nname: again\ncorrelation: { type: event_count, rules: [many], group-by: [who], timespan: 1h, condition: { gt: 2 } }\n`
    expect(problemOf(counted(alias, chain))).toBeUndefined()
    expect(problemOf(counted(alias, chain.replace('[who]', '[woh]')))).toMatchObject({ line: 22 })
  })

  it('is refused in a rule or filter that names no product as well', () => {
    expect(problemOf(base('CommandLine: a', 'category: access'))).toMatchObject({ line: 7 })
    expect(problemOf(base('actor: a') + notThem('category: access', 'any', 'CommandLine'))).toMatchObject({ line: 14 })
  })

  it('is not known of where nobody says what events have', () => {
    expect(loadRules([{ file: 'a.yml', yaml: base('CommandLine: a') }]).problems).toEqual([])
  })
})

describe('a log source that no event of ours has', () => {
  const instead =
    'write `logsource: { product: custodia, category: access }`, and select what an outside system sends by its `source`, as in `source: sshd`'
  const refused = (which: string, line: number) => ({
    file: 'a.yml',
    line,
    reason: `no event here is of \`${which}\`: ${instead}`,
  })

  it.each([
    ['product: windows', 'product: windows'],
    ['product: linux, service: sshd', 'product: linux, service: sshd'],
    ['product: custodia, service: sshd', 'service: sshd'],
    ['product: custodia, category: process_creation', 'category: process_creation'],
    ['service: sshd', 'service: sshd'],
    ['category: webserver', 'category: webserver'],
  ])('is refused with its line, and what to write: %s', (logsource, which) => {
    expect(problemOf(base('actor: a', logsource))).toMatchObject(refused(which, 3))
    expect(problemOf(base('actor: a') + notThem(logsource, 'any'))).toMatchObject(refused(which, 11))
  })

  it('is refused for what counts it, too: nothing is left to count', () => {
    const counting = counted('  condition: { field: ip, gt: 5 }').replace('product: custodia', 'product: windows')
    const { rules, problems } = loadRules([{ file: 'a.yml', yaml: counting }], { events })
    expect(rules).toEqual([])
    expect(problems).toEqual([
      expect.objectContaining({ line: 3 }),
      expect.objectContaining({ reason: 'the rule `seen` was not loaded' }),
    ])
  })

  it('is told where it stands, and not of a filter that names its rule', () => {
    const { problems } = loadRules(
      [{ file: 'a.yml', yaml: base('actor: a', 'product: windows') + notThem('product: custodia', '[seen]') }],
      { events },
    )
    expect(problems).toMatchObject([
      refused('product: windows', 3),
      { file: 'a.yml', line: 13, reason: 'the rule `seen` was not loaded' },
    ])
  })

  it.each(['product: custodia, category: access', 'product: Custodia', 'category: access'])(
    'is not one that covers ours: %s',
    (logsource) => {
      expect(problemOf(base('actor: a', logsource))).toBeUndefined()
      expect(problemOf(base('actor: a') + notThem(logsource, '[seen]'))).toBeUndefined()
    },
  )

  it('is nobody’s business where the events are anybody’s, but a filter must fit the rules that it names', () => {
    const windows = base('CommandLine: a', 'product: windows')
    const load = (yaml: string) => loadRules([{ file: 'a.yml', yaml }]).problems
    expect(load(windows + notThem('product: windows', '[seen]'))).toEqual([])
    expect(load(windows + notThem('product: linux', '[seen]'))).toMatchObject([
      { file: 'a.yml', line: 13, reason: '`seen` has another log source' },
    ])
  })
})
