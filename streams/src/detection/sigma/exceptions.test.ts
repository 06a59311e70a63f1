import { describe, expect, it } from '@jest/globals'
import { anAccessEvent } from '@custodia/contracts/testing'
import { runInMemory, type TimedEvent } from '../cases/in-memory-run.js'
import { rulesOf } from '../testing/rules.js'
import { loadRules } from './load-rules.js'

const START = Date.parse('2026-03-10T02:00:00.000Z')
const exception = (when: string, expires = '2026-03-10T04:00Z', more = ''): string => `
  exceptions:
    - when: ${when}
      owner: li.na
      reason: audit at the end of the year
      expires: ${expires}
${more}`
const viewed = (keys: string): string => `title: Seen
name: seen
logsource: { product: custodia }
detection: { selection: { action: view }, condition: selection }
custodia:${keys}`
const counted = (keys: string): string => `title: Many
name: many
correlation: { type: event_count, rules: [seen], group-by: [actor], timespan: 10m, condition: { gte: 2 } }
custodia:${keys}
---
title: Seen
name: seen
logsource: { product: custodia }
detection: { selection: { action: view }, condition: selection }
`
const view = (minutes: number, over = {}): TimedEvent => {
  const at = START + minutes * 60_000
  return { at, event: anAccessEvent({ action: 'view', actor: 'audit-1', ip: '10.20.3.4', ...over, time: new Date(at).toISOString() }) } // prettier-ignore
}
const firedAt = (yaml: string, events: TimedEvent[]): number[] =>
  runInMemory(rulesOf(yaml), events).alerts.map(({ time }) => (Date.parse(time) - START) / 60_000)
const problemOf = (yaml: string) => loadRules([{ file: 'a.yml', yaml }]).problems[0]

describe('an exception', () => {
  it('leaves out what its selection matches, with all that selections can say', () => {
    const yaml = viewed(exception('{ actor: audit-1, ip|cidr: 10.20.0.0/16 }'))
    expect(firedAt(yaml, [view(0), view(1, { ip: '10.21.3.4' }), view(2, { actor: 'clerk-1' })])).toEqual([1, 2])
  })

  it('ends at its minute by the time of the event, not by the clock of whoever judges', () => {
    const yaml = viewed(exception('{ actor: audit-1 }'))
    expect(firedAt(yaml, [view(0), view(119.9), view(120), view(121)])).toEqual([120, 121])
    const daily = viewed(exception('{ actor: audit-1 }', '2026-03-10'))
    expect(firedAt(daily, [view(0), view(22 * 60 - 0.1), view(22 * 60)])).toEqual([22 * 60])
  })

  it('of a correlation leaves out what it would count, and not for others that count it', () => {
    const yaml = counted(exception('{ actor: audit-1 }'))
    const other = counted('\n  mode: live').replace('name: many', 'name: other').split('---')[0]!
    const events = [view(0), view(1), view(120), view(121)]
    expect(firedAt(yaml, events)).toEqual([121])
    const { alerts } = runInMemory(rulesOf(yaml, other), events)
    expect(alerts.map(({ rule }) => rule)).toEqual(['other', 'many', 'other'])
  })

  it('several of a rule each leave something out', () => {
    const both = exception('{ actor: audit-1 }', '2026-03-11', exception('{ actor: audit-2 }').replace('\n  exceptions:\n', '')) // prettier-ignore
    const events = [view(0), view(1, { actor: 'audit-2' }), view(2, { actor: 'audit-3' })]
    expect(firedAt(viewed(both), events)).toEqual([2])
  })

  it('says whose it is, why, and until when, or the rule does not load', () => {
    for (const key of ['owner', 'reason', 'expires', 'when']) {
      const yaml = viewed(exception('{ actor: audit-1 }')).replace(
        new RegExp(`${key}: .*`),
        key === 'when' ? 'owner2: x' : 'when2: x',
      )
      expect(problemOf(yaml)?.reason).toMatch(/custodia\.exceptions\.0/)
    }
    expect(problemOf(viewed(exception('{}')))?.reason).toContain('every event')
    expect(problemOf(viewed(exception('{ ip|cidr: 10.0.0.1/8 }')))).toMatchObject({ line: 7 })
    expect(problemOf(viewed(exception('{ actor|near: x }')))?.reason).toContain('near')
    for (const never of ['2026-02-30', '2026-03-10T04:00', 'soon', '2026-03-10T04:00:30Z'])
      expect(problemOf(viewed(exception('{ actor: a }', never)))).toMatchObject({ line: 10, reason: expect.stringContaining('is a day like') }) // prettier-ignore
  })

  it('does not stand in a correlation that another one counts: what it leaves out there would be unclear', () => {
    const chain = `${counted(exception('{ actor: audit-1 }'))}---
title: Again
name: again
correlation: { type: event_count, rules: [many], group-by: [actor], timespan: 1h, condition: { gte: 2 } }
`
    expect(problemOf(chain)?.reason).toContain('`many` has exceptions of its own')
  })
})
