import { describe, expect, it } from '@jest/globals'
import { anAccessEvent } from '@custodia/contracts/testing'
import { runInMemory } from '../cases/in-memory-run.js'
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
