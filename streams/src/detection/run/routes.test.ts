import { describe, expect, it } from '@jest/globals'
import { anAccessEvent } from '@custodia/contracts/testing'
import { runInMemory } from '../cases/in-memory-run.js'
import { isByActor, plantTree } from '../correlate/index.js'
import { compileRules } from './rule-set.js'

const yaml = `
title: Both sides
name: both-sides
correlation:
  type: event_count
  rules: [done, suffered]
  group-by: [who]
  timespan: 10m
  aliases: { who: { done: actor, suffered: subject } }
  condition: { gte: 3 }
custodia: { respond: [alert], suppress: 0s }
---
title: Done
name: done
logsource: { product: custodia }
detection: { selection: { action: admin }, condition: selection }
---
title: Suffered
name: suffered
logsource: { product: custodia }
detection: { selection: { action: admin, subject|exists: true }, condition: selection }
`
const { rules } = compileRules([{ file: 'both-sides.yml', yaml }])
const start = Date.parse('2026-03-10T02:00:00.000Z')
const firings = (pairs: [actor: string, subject: string][]) =>
  runInMemory(
    rules,
    pairs.map(([actor, subject], n) => {
      const at = start + n * 1000
      const time = new Date(at).toISOString()
      return { at, event: anAccessEvent({ id: `e${n}`, time, action: 'admin', actor, subject }) }
    }),
  ).alerts.map(({ group, event_id, value }) => [group['who'], event_id, value])

describe('an event that one rule sends to two keys', () => {
  it('counts once in each group, though both keys lie in one partition', () => {
    const wangAndLi: [string, string] = ['wang', 'li']
    expect(firings([wangAndLi, wangAndLi])).toEqual([])
    expect(firings([wangAndLi, wangAndLi, wangAndLi]).sort()).toEqual([
      ['li', 'e2', 3],
      ['wang', 'e2', 3],
    ])
  })

  it('counts once where both sides are the same person', () => {
    expect(firings([['wang', 'wang'], ['wang', 'li']])).toEqual([]) // prettier-ignore
    expect(firings([['wang', 'wang'], ['wang', 'li'], ['li', 'wang']])).toEqual([['wang', 'e2', 3]]) // prettier-ignore
  })
})

describe('where a rule with aliases is judged', () => {
  const treeOf = (aliases: string, more = '') => {
    const text = `${yaml.replace(/group-by: .*/, 'group-by: [actor]').replace(/aliases: .*/, aliases)}${more}`
    const { rules, problems } = compileRules([{ file: 'rule.yml', yaml: text }])
    expect(problems).toEqual([])
    return plantTree(
      rules.findLast(({ alerts }) => alerts)!,
      rules,
    )
  }

  it('is not at the actor’s place when `actor` stands for somebody else', () => {
    expect(isByActor(treeOf(''))).toBe(true)
    expect(isByActor(treeOf('aliases: { actor: { done: actor, suffered: subject } }'))).toBe(false)
  })

  it('is one place for all where a name means another field further up', () => {
    const above = (aliases: string): string =>
      `---\ntitle: Above\nname: above\ncorrelation: { type: event_count, rules: [both-sides], group-by: [actor], timespan: 1h, condition: { gte: 2 }${aliases} }\n`
    expect(treeOf('', above('')).routeFields).toEqual(['actor'])
    expect(treeOf('', above(', aliases: { actor: { both-sides: ip } }')).routeFields).toEqual([])
  })
})
