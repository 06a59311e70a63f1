import { describe, expect, it } from '@jest/globals'
import type { AccountRecord, AlertRecord, AlertWithTriage, Freeze, LiveItem } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import {
  applyItems,
  beginAnew,
  caughtUp,
  emptyLive,
  isAside,
  newestFirst,
  withHistory,
  withSilences,
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
const at = (alerts: number, accounts: number): LiveState => caughtUp(emptyLive, { log: 'a log', alerts, accounts })
/** As the server sends one record: with where the client stands then. */
const apply = (state: LiveState, item: LiveItem): LiveState => {
  const cursor = { log: 'a log', alerts: 0, accounts: 0, ...state.cursor }
  return applyItems(state, [item], { ...cursor, [item.topic]: Math.max(cursor[item.topic], item.offset + 1) }).state
}
const applyAlert = (state: LiveState, offset: number, record: AlertRecord): LiveState =>
  apply(state, { topic: 'alerts', offset, record })
const applyAccount = (state: LiveState, offset: number, record: AccountRecord): LiveState =>
  apply(state, { topic: 'accounts', offset, record })

describe('live state', () => {
  it('moves its cursor past what it has seen', () => {
    const state = applyAccount(applyAlert(at(10, 5), 10, raised('a')), 5, { kind: 'frozen', freeze: freeze('w') })
    expect(state.cursor).toEqual({ log: 'a log', alerts: 11, accounts: 6 })
  })
  it('applies what is sent again after a break exactly once', () => {
    const once = applyAlert(applyAlert(at(10, 5), 10, raised('a')), 11, acknowledged('a'))
    const again = applyAlert(applyAlert(once, 10, raised('a')), 11, acknowledged('a'))
    expect(again).toEqual(once)
    expect(again.alerts.get('a')?.triage.state).toBe('acknowledged')
  })
  it('tells what was new in a batch, and nothing of what it knew', () => {
    const items = [10, 11, 12].map((offset): LiveItem => ({ topic: 'alerts', offset, record: raised(`a${offset}`) }))
    const { state, news } = applyItems(at(11, 0), items, { log: 'a log', alerts: 13, accounts: 0 })
    expect(news.map(({ offset }) => offset)).toEqual([11, 12])
    expect([...state.alerts.keys()]).toEqual(['a11', 'a12'])
  })
  it('begins anew without what it knew, and goes on from there', () => {
    const known = applyAlert(at(10, 5), 10, raised('a'))
    const anew = beginAnew({ log: 'another log', alerts: 3, accounts: 0 })
    expect([known.alerts.size, anew.alerts.size, anew.cursor?.alerts]).toEqual([1, 0, 3])
  })
  it('keeps the newest of very many', () => {
    const items = Array.from({ length: 5_100 }, (_, offset): LiveItem => {
      const record = raised(`a${offset}`, new Date(Date.UTC(2026, 2, 10) + offset * 1000).toISOString())
      return { topic: 'alerts', offset, record }
    })
    const { state } = applyItems(at(0, 0), items, { log: 'a log', alerts: items.length, accounts: 0 })
    expect([state.alerts.size, state.alerts.has('a99'), state.alerts.has('a100')]).toEqual([5_000, false, true])
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

  it('puts aside what a silence covers for as long as it lasts, and what was merged', () => {
    const silence = {
      id: 's',
      rule: 'bulk-photo-view',
      owner: 'analyst-1',
      set_at: '2026-03-10T02:00:00.000Z',
      until: '2026-03-10T03:00:00.000Z',
    }
    const now = Date.parse('2026-03-10T02:30:00.000Z')
    const alert = fromHistory('a', 0)
    const state = applyAlert(emptyLive, 0, { kind: 'silence', silence })
    const is = (of: LiveState, at = now, over: Partial<AlertWithTriage> = {}) => isAside(of, { ...alert, ...over }, at)
    expect(is(state)).toBe(true)
    expect(is(state, Date.parse(silence.until))).toBe(false)
    expect(is(state, now, { rule: 'other' })).toBe(false)
    expect(is(state, now, { actor: 'analyst-1' })).toBe(false)
    expect(is(withSilences(emptyLive, [{ ...silence, actor: 'clerk-2' }]))).toBe(false)
    const ended = { ...silence, ended_at: '2026-03-10T02:10:00.000Z' }
    expect(is(applyAlert(state, 1, { kind: 'silence', silence: ended }))).toBe(false)
    expect(is(emptyLive, now, { triage: { ...alert.triage, merged_into: 'b' } })).toBe(true)
  })
  it('keeps the numbers of an alert, the later look winning', () => {
    const context = (at: string, refused: number) => ({ alert_id: 'a', at, refused })
    const later = { kind: 'context', context: context('2026-03-10T02:10:00.000Z', 13) } as const
    const state = applyAlert(applyAlert(emptyLive, 0, raised('a')), 1, later)
    const old = { ...fromHistory('a', 0), context: context('2026-03-10T02:00:01.000Z', 2) }
    expect(withHistory(state, [old]).alerts.get('a')?.context?.refused).toBe(13)
  })
})
