import { describe, expect, it } from '@jest/globals'
import type { AlertRecord, AlertWithTriage, Freeze } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import {
  applyAccount,
  applyAlert,
  caughtUp,
  emptyLive,
  newestFirst,
  withHistory,
  type LiveState,
} from './live-state.js'

const raised = (id: string, time = '2026-03-10T02:00:00.000Z'): AlertRecord => ({
  kind: 'raised',
  alert: anAlert({ id, time }),
})
const acknowledged = (alert_id: string, version = 1): AlertRecord => ({
  kind: 'triage',
  triage: { alert_id, state: 'acknowledged', version },
})
const fromHistory = (id: string, version: number): AlertWithTriage => ({
  ...anAlert({ id }),
  actor_name: 'Wang Wei',
  triage: { alert_id: id, state: version ? 'acknowledged' : 'open', version },
})
const freeze = (account: string): Freeze => ({
  id: `freeze-${account}`,
  account,
  reason: 'bulk photo view',
  by: 'system',
  set_at: '2026-03-10T02:00:00.000Z',
  until: '2026-03-10T03:00:00.000Z',
})
const at = (alerts: number, accounts: number): LiveState => caughtUp(emptyLive, { alerts, accounts })

describe('live state', () => {
  it('moves its cursor past what it has seen', () => {
    const state = applyAccount(applyAlert(at(10, 5), 10, raised('a')), 5, { kind: 'frozen', freeze: freeze('w') })
    expect(state.cursor).toEqual({ alerts: 11, accounts: 6 })
  })
  it('applies what is sent again after a break exactly once', () => {
    const once = applyAlert(applyAlert(at(10, 5), 10, raised('a')), 11, acknowledged('a'))
    const again = applyAlert(applyAlert(once, 10, raised('a')), 11, acknowledged('a'))
    expect(again).toBe(once)
    expect(again.alerts.get('a')?.triage.state).toBe('acknowledged')
  })
  it('takes messages before it knows a cursor', () => {
    expect(applyAlert(emptyLive, 7, raised('a')).alerts.has('a')).toBe(true)
  })
  it('history never sets back a newer triage, and adds the name', () => {
    const live = applyAlert(applyAlert(at(0, 0), 0, raised('a')), 1, acknowledged('a', 2))
    const merged = withHistory(live, [fromHistory('a', 0)])
    expect(merged.alerts.get('a')).toMatchObject({ actor_name: 'Wang Wei', triage: { version: 2 } })
  })
  it('a late “raised” does not reopen what history knows as acknowledged', () => {
    const state = applyAlert(withHistory(at(0, 0), [fromHistory('a', 1)]), 0, raised('a'))
    expect(state.alerts.get('a')).toMatchObject({ actor_name: 'Wang Wei', triage: { state: 'acknowledged' } })
  })
  it('a lift takes the freeze away', () => {
    const frozen = applyAccount(at(0, 0), 0, { kind: 'frozen', freeze: freeze('w') })
    expect([...frozen.frozen.keys()]).toEqual(['w'])
    expect(applyAccount(frozen, 1, { kind: 'lifted', freeze: freeze('w') }).frozen.size).toBe(0)
  })
  it('orders by time, and by id where times are equal, whatever the arrival', () => {
    const ids = (state: LiveState) => newestFirst(state.alerts.values()).map((alert) => alert.id)
    const records = [raised('a'), raised('b'), raised('c', '2026-03-10T01:00:00.000Z')]
    const forth = records.reduce((state, record, offset) => applyAlert(state, offset, record), emptyLive)
    const back = records.toReversed().reduce((state, record, offset) => applyAlert(state, offset, record), emptyLive)
    expect(ids(forth)).toEqual(['b', 'a', 'c'])
    expect(ids(back)).toEqual(ids(forth))
  })
})
