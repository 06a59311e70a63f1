import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RuleFile } from '@custodia/contracts'
import { describe, expect, it } from '@jest/globals'
import { compileRules } from '../run/rule-set.js'
import { notesOf, testRules } from './test-rules.js'

const rule = `title: Odd
name: odd
logsource: { product: custodia, category: access }
detection:
  sel: { action: view, reason: odd }
  condition: sel
`
const cases = (event: string, more = '') => `fires:
  - name: odd
    events:
      - ${more}
        event:
          ${event}
    alerts: [{ at: 1, value: 1 }]
silent:
  - name: even
    events: [{ event: { reason: even } }]
`
const told = (yaml: string) => testRules([{ file: 'odd.yml', yaml: rule }], [{ file: 'odd.cases.yml', yaml }])

describe('cases', () => {
  it.each([
    [
      'a field that no access has',
      cases('reson: odd'),
      6,
      '`fires.0.events.0.event.reson`: is no field of an access event; did you mean `reason`?',
    ],
    [
      'a value that it cannot have',
      cases('action: peek'),
      6,
      /^`fires\.0\.events\.0\.event\.action`: is one of sign_in, /,
    ],
    ['a value of another kind', cases('count: many'), 6, '`fires.0.events.0.event.count`: is to be a number'],
    [
      'a duration',
      cases('reason: odd', 'every: soon'),
      4,
      '`fires.0.events.0.every`: is a duration like 10s, 9m50s or 100ms',
    ],
    ['an unknown key', cases('reason: odd', 'evry: 1s'), 4, '`fires.0.events.0.evry`: is not a key known here'],
    [
      'a missing part',
      cases('reason: odd').replace(/fires:[^]*silent:/, 'fires: []\nsilent:'),
      1,
      /^`fires`: has at least 1 entries/,
    ],
    ['half a file', cases('reason: odd').replace(/silent:[^]*/, ''), 1, '`silent`: is missing'],
    ['no YAML', 'fires: [', 1, /^not valid YAML/],
    [
      'more events than anybody waits for',
      cases('reason: odd', 'repeat: 1000000000'),
      4,
      '`fires.0.events`: has at most 50,000 events, of a hundred years',
    ],
    [
      'more time than there is',
      cases('reason: odd', 'after: 999999999d'),
      4,
      '`fires.0.events`: has at most 50,000 events, of a hundred years',
    ],
    [
      'a value that it cannot have later on',
      cases(`time: '2026-03-0{n}T00:00:00Z'`, 'repeat: 40').replace('every: 1s', ''),
      6,
      '`fires.0.events.0.event.time`: is to be a time like 2027-01-31T18:00:00Z',
    ],
    ['a field that every access has', cases('{ reason: odd, id: null }'), 6, '`fires.0.events.0.event.id`: is missing'],
    ['none of something', cases('reason: odd', 'repeat: 0'), 4, '`fires.0.events.0.repeat`: is more than 0'],
    [
      'a habit that nobody has',
      cases('reason: odd').replace('    events:', '    usual: { self: { naps: [1, 1] }, peers: {} }\n    events:'),
      3,
      '`fires.0.usual.self.naps`: is not a key known here',
    ],
  ])('are refused with file, line and a sentence: %s', (_, yaml, line, reason) => {
    const text: unknown = typeof reason === 'string' ? reason : expect.stringMatching(reason)
    const file = 'odd.cases.yml'
    expect(told(yaml)).toEqual([
      { file, problems: [{ file, line, reason: text, reason_zh: expect.stringMatching(/\p{Script=Han}/u) }] },
    ])
  })

  it('tell what differs where the case begins, in both languages', () => {
    const yaml = cases('reason: even').replace('{ reason: even }', '{ reason: odd }')
    const file = 'odd.cases.yml'
    expect(told(yaml)).toEqual([
      {
        ...{ file, name: 'odd' },
        problems: [
          {
            ...{ file, line: 2 },
            reason: 'expected an alert at event 1 (value 1), and none came',
            reason_zh: '事件 1（值 1）应有警报，但没有出现',
          },
        ],
      },
      {
        ...{ file, name: 'even' },
        problems: [
          {
            ...{ file, line: 9 },
            reason: 'no alert was expected at event 1 (value 1, actor clerk-1), and one came',
            reason_zh: '事件 1（值 1, actor clerk-1）不应有警报，但出现了',
          },
        ],
      },
    ])
  })

  it('tell the beginning of what a rule says all the time', () => {
    const [result] = told(cases('reason: odd', 'repeat: 5000'))
    const reason = result?.problems[0]?.reason
    expect(reason).toMatch(/^no alert was expected at event 2 .*; and 4994 more$/)
    expect(reason!.length).toBeLessThan(2000)
  })

  it('tell a rule without cases, cases without a rule, and those of the wrong list, in both languages', () => {
    const swapped = cases('reason: odd').replace('fires:', 'x:').replace('silent:', 'fires:').replace('x:', 'silent:')
    const results = [
      ...testRules([{ file: 'odd.yml', yaml: rule }], [{ file: 'gone.cases.yml', yaml: '' }]),
      ...told(swapped),
      ...told(''),
    ]
    expect(results.map(({ problems }) => problems.length)).toEqual([1, 1, 1, 1, 1])
    for (const { problems } of results)
      for (const { reason, reason_zh } of problems) {
        expect(reason).toMatch(/^[\x20-\x7e]+$/)
        expect(reason_zh).toMatch(/\p{Script=Han}/u)
      }
  })

  it.each(['off', 'shadow'])('hold of a rule that holds, while it is %s', (mode) => {
    const [shipped, beside] = ['bulk-photo-view.yml', 'bulk-photo-view.cases.yml'].map((file) => ({
      file,
      yaml: readFileSync(join(import.meta.dirname, '../../../rules', file), 'utf8'),
    })) as [RuleFile, RuleFile]
    const yaml = shipped.yaml.replace(/^custodia:$/m, `custodia:\n  mode: ${mode}`)
    expect(compileRules([{ ...shipped, yaml }]).rules.map(({ custodia }) => custodia.mode)).toContain(mode)
    const results = testRules([{ ...shipped, yaml }], [beside])
    expect(results.map(({ problems }) => problems)).toEqual(results.map(() => []))
    expect(beside.yaml).toMatch(/refused: /)
  })

  it('take a field away with null, and count in texts', () => {
    expect(told(cases('{ reason: odd, customer_id: null, record_id: "photo-{n}" }'))).toEqual([
      { file: 'odd.cases.yml', name: 'odd', problems: [] },
      { file: 'odd.cases.yml', name: 'even', problems: [] },
    ])
  })
})

describe('notes', () => {
  it('tell which rule has no SQL, and why', () => {
    const ahead = rule.replace('reason: odd', `reason|re: 'a(?=b)'`)
    expect(notesOf([{ file: 'odd.yml', yaml: rule }])).toEqual([])
    expect(notesOf([{ file: 'odd.yml', yaml: ahead }])).toEqual([
      {
        place: 'odd.yml',
        note: expect.stringMatching(/^`odd` has no SQL, a backtest replays it event by event: .*look around/),
      },
    ])
  })
})
