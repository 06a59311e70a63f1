import { describe, expect, it } from '@jest/globals'
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
    ['a missing part', 'fires: []\n', 1, /^`fires`: has at least 1 entries/],
    ['half a file', cases('reason: odd').replace(/silent:[^]*/, ''), 1, '`silent`: is missing'],
    ['no YAML', 'fires: [', 1, /^not valid YAML/],
  ])('are refused with file, line and a sentence: %s', (_, yaml, line, reason) => {
    expect(told(yaml)).toEqual([
      {
        file: `odd.cases.yml:${line}`,
        problems: [typeof reason === 'string' ? reason : expect.stringMatching(reason)],
      },
    ])
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
