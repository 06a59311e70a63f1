import { describe, expect, it } from '@jest/globals'
import { loadRules } from '../sigma/index.js'
import { correlateAll } from './replay.js'
import { unsupported } from './supported.js'
import { plantTrees } from './tree.js'

const yaml = `
title: Guessed
name: guessed
correlation:
  type: temporal
  rules: [many-failures, success]
  group-by: [who]
  timespan: 1h
  aliases:
    who: { many-failures: user, success: account }
---
title: Many failures
name: many-failures
correlation: { type: event_count, rules: [failure], group-by: [user], timespan: 5m, condition: { gte: 3 } }
---
title: Failure
name: failure
logsource: { product: test }
detection: { selection: { result: failure }, condition: selection }
---
title: Success
name: success
logsource: { product: test }
detection: { selection: { result: success }, condition: selection }
`
const { rules } = loadRules([{ file: 'guessed.yml', yaml }])
const event = (minute: number, fields: Record<string, string>) => ({
  id: `e${minute}`,
  time: new Date(1_700_000_000_000 + minute * 60_000).toISOString(),
  event: fields,
})

describe('correlateAll', () => {
  it('chains correlations, each under its own group, aliases resolved', () => {
    const failures = [1, 2, 3].map((minute) => event(minute, { result: 'failure', user: 'ann' }))
    const [firing, ...more] = correlateAll(rules, [...failures, event(4, { result: 'success', account: 'ann' })])
    expect(firing).toMatchObject({ rule: 'guessed', event_id: 'e4', group: { who: 'ann' }, event_ids: ['e3', 'e4'] })
    expect(more).toEqual([])
  })

  it('judges in order of time, whatever order the events come in', () => {
    const events = [4, 3, 2, 1].map((minute) =>
      event(minute, minute === 4 ? { result: 'success', account: 'ann' } : { result: 'failure', user: 'ann' }),
    )
    expect(correlateAll(rules, events).map(({ event_id }) => event_id)).toEqual(['e4'])
  })

  it('keeps groups apart', () => {
    const failures = [1, 2, 3].map((minute) => event(minute, { result: 'failure', user: minute > 1 ? 'ann' : 'bob' }))
    expect(correlateAll(rules, [...failures, event(4, { result: 'success', account: 'ann' })])).toEqual([])
  })
})

describe('plantTrees', () => {
  it('lists children before parents and the fields shared by all group-bys', () => {
    const [tree] = plantTrees(rules)
    expect(tree?.nodes.map(({ name }) => name)).toEqual(['many-failures', 'guessed'])
    expect(tree?.routeFields).toEqual([])
  })
})

describe('unsupported', () => {
  const refused = (text: string) => unsupported(loadRules([{ file: 'guessed.yml', yaml: text }]).rules)
  it('refuses a count that no window can hold, at its line', () => {
    expect(refused(yaml.replace('gte: 3', 'gte: 10000'))).toMatchObject([
      { file: 'guessed.yml', line: 14, reason: expect.stringContaining('a window holds 10000 events') },
    ])
  })

  const held = (correlation: string): string =>
    `title: t
name: t
correlation:
  type: event_count
  rules: [b]
  group-by: [actor]
  timespan: 1m
  condition: { gt: 3 }
custodia:
  respond: [alert]
  hold: true
---
title: b
name: b
logsource: { product: custodia }
detection: { s: { action: view }, condition: s }
`.replace(/ {2}type: event_count\n {2}rules: \[b\]\n {2}group-by: \[actor\]/, correlation)
  it.each([
    ['a type that cannot', 'type: temporal\n  rules: [b]\n  group-by: [actor]', 11, 'cannot be used with temporal'],
  ])('refuses to hold by %s, at its line', (_, correlation, line, reason) => {
    expect(refused(held(`  ${correlation}`))).toMatchObject([
      { file: 'guessed.yml', line, reason: expect.stringContaining(reason) },
    ])
  })
})
