import { describe, expect, it } from '@jest/globals'
import type { AccessEvent, Alert } from '@custodia/contracts'
import { keyOf } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import type { LogRecord } from '../../event-log/index.js'
import { recordOf } from '../cases/in-memory-run.js'
import { addressRule, photoRule, rulesOf } from '../testing/rules.js'
import { DirectMachine } from './direct-machine.js'
import type { Machine } from './machine.js'
import { Output } from './output.js'
import { RekeyedMachine } from './rekeyed-machine.js'
import type { SetInForce } from './rule-book.js'

const START = Date.parse('2026-03-10T02:00:00.000Z')
const another = photoRule({ limit: 9 }).replaceAll('photo-views', 'other').replaceAll('photo-view', 'other-base')
const failures = (gte: number): string => addressRule.replace('gte: 5', `gte: ${gte}`)

/** Everything up to here has come: what waits for order is judged. */
const tickAt = (ms: number) => ({ kind: 'tick', until: new Date(ms).toISOString() })

/** Half of what fires before the swap, half after it; both stages, one after the other, with or without a restart between. */
function run(
  before: readonly string[],
  after: readonly string[],
  events: readonly AccessEvent[],
  restart: boolean,
): Alert[] {
  const middle = START + (events.length / 2) * 10_000
  const sets: SetInForce[] = [
    { version: 'before', from: 0, rules: rulesOf(...before) },
    { version: 'after', from: middle, rules: rulesOf(...after) },
  ]
  const alerts: Alert[] = []
  const through = (make: () => Machine, records: readonly LogRecord[]): LogRecord[] => {
    let machine = make()
    const sent: LogRecord[] = []
    let restarted = !restart
    for (const record of records) {
      if (!restarted && record.appendedAt >= middle) {
        const state = machine.snapshot()
        machine = make()
        machine.restore(state, (version) => sets.find((set) => set.version === version))
        restarted = true
      }
      const output = new Output()
      machine.step(
        record,
        sets.findLast(({ from }) => from <= record.appendedAt),
        output,
      )
      for (const { value } of output.alerts) if (value.kind === 'raised') alerts.push(value.alert)
      for (const { key, value } of output.rekeyed)
        for (const [to, what] of [
          [key, value],
          ['', tickAt(record.appendedAt + 1)],
        ] as const)
          sent.push(recordOf('rekeyed', sent.length, record.appendedAt + 1, to, what))
    }
    return sent
  }
  const records = events.map((event, n) => {
    const at = START + n * 10_000
    const timed = { ...event, id: `e${n}`, time: new Date(at).toISOString() }
    return recordOf('access-events', n, at, keyOf(timed), timed)
  })
  const sent = through(() => new DirectMachine(), records)
  through(() => new RekeyedMachine(), sent)
  return alerts
}

const photos = Array.from({ length: 10 }, (_, n) =>
  anAccessEvent({ actor: 'clerk', action: 'photo_view', outcome: 'held', customer_id: `c${n}` }),
)
const guesses = Array.from({ length: 10 }, () =>
  anAccessEvent({ actor: undefined, ip: '10.0.0.1', action: 'sign_in', outcome: 'failed' }),
)

describe.each([false, true])('a set swapped whole (restart between: %s)', (restart) => {
  it('keeps the windows of a rule that has not changed, whatever else came and went', () => {
    const rule = photoRule({ limit: 9, keys: 'mode: live' })
    const [alert, ...more] = run([rule, failures(5)], [another, rule], photos, restart)
    expect([alert?.rule, alert?.value, alert?.event_id, more]).toEqual(['photo-views', 10, 'e9', expect.anything()])
    expect(more.filter((one) => one.rule === 'photo-views')).toEqual([])
  })

  it('keeps those of the stage that judges by another key, too', () => {
    const alerts = run([failures(10)], [failures(10), photoRule()], guesses, restart)
    expect(alerts.map(({ rule, value, event_id }) => [rule, value, event_id])).toEqual([
      ['failures-by-address', 10, 'e9'],
    ])
  })

  it('begins a changed rule anew', () => {
    expect(run([photoRule({ limit: 8 })], [photoRule({ limit: 9 })], photos, restart)).toEqual([])
    expect(run([failures(9)], [failures(10)], guesses, restart)).toEqual([])
    const [alert] = run([photoRule({ limit: 8 })], [photoRule({ limit: 4 })], photos, restart)
    expect([alert?.value, alert?.event_id]).toEqual([5, 'e9'])
  })

  it('does not alert again for what it told before, until the suppression has passed', () => {
    const rule = photoRule({ limit: 2, keys: 'mode: live' })
    const alerts = run([rule], [rule, failures(5)], photos, restart)
    expect(alerts.map(({ event_id }) => event_id)).toEqual(['e2'])
  })
})
