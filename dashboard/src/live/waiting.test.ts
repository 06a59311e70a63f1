import { describe, expect, it } from '@jest/globals'
import type { AlertWithTriage } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { freshList, splitWaiting, worstFirst } from './waiting.js'

const alert = (id: string, over: Partial<AlertWithTriage> = {}): AlertWithTriage => ({
  ...anAlert({ id }),
  triage: { alert_id: id, state: 'open', version: 0 },
  ...over,
})
const acknowledged = (id: string) => alert(id, { triage: { alert_id: id, state: 'acknowledged', version: 1 } })
const ids = (alerts: AlertWithTriage[]) => alerts.map(({ id }) => id)

describe('the alert list of the live page', () => {
  it('puts the worst first, then the newest, whatever the arrival', () => {
    const alerts = [
      alert('low', { severity: 'low', time: '2026-03-10T05:00:00.000Z' }),
      alert('old', { severity: 'high', time: '2026-03-10T01:00:00.000Z' }),
      alert('critical', { severity: 'critical', time: '2026-03-10T00:00:00.000Z' }),
      alert('new', { severity: 'high', time: '2026-03-10T02:00:00.000Z' }),
    ]
    expect(ids(worstFirst(alerts))).toEqual(['critical', 'new', 'old', 'low'])
    expect(ids(worstFirst(alerts.toReversed()))).toEqual(['critical', 'new', 'old', 'low'])
  })
  it('starts with open alerts only, and no more than asked', () => {
    expect(freshList([alert('c'), acknowledged('b'), alert('a')], 5)).toEqual(['c', 'a'])
    expect(freshList([alert('c'), alert('a')], 1)).toEqual(['c'])
  })
  it('never moves what is shown: what comes later waits', () => {
    const worse = alert('z', { severity: 'critical' })
    const { shown, waiting } = splitWaiting([worse, alert('b'), alert('a')], ['a', 'b'], () => false)
    expect(ids(shown)).toEqual(['a', 'b'])
    expect(ids(waiting)).toEqual(['z'])
  })
  it('keeps one in its place when it is acknowledged, with its new state', () => {
    const { shown, waiting } = splitWaiting([acknowledged('a'), alert('b')], ['a', 'b'], () => false)
    expect(shown.map(({ id, triage }) => [id, triage.state])).toEqual([
      ['a', 'acknowledged'],
      ['b', 'open'],
    ])
    expect(waiting).toEqual([])
  })
  it('lets nobody wait for what a colleague has acknowledged already', () => {
    expect(splitWaiting([acknowledged('n')], [], () => false).waiting).toEqual([])
  })
})
