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
const problemOf = (yaml: string, known: readonly string[] | undefined = fields) =>
  loadRules([{ file: 'a.yml', yaml }], known ? { fields: known } : {}).problems[0]
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
    [
      'a filter',
      `${base('actor: a')}---\ntitle: Not them\nlogsource: { product: custodia }\nfilter:\n  rules: any\n  them: { tem: a }\n  condition: not them\n`,
      14,
      '',
    ],
  ])('is refused with its line: %s', (_, yaml, line, meant) => {
    expect(problemOf(yaml)).toEqual({
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

  it('is asked neither of the events of other systems, nor where nobody says what events have', () => {
    expect(problemOf(base('CommandLine: a', 'product: windows'))).toBeUndefined()
    expect(problemOf(base('CommandLine: a', 'category: access'))).toBeUndefined()
    expect(loadRules([{ file: 'a.yml', yaml: base('CommandLine: a') }]).problems).toEqual([])
  })
})
