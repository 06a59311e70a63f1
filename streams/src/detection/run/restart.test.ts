import { describe, expect, it } from '@jest/globals'
import type { AccessEvent } from '@custodia/contracts'
import { keyOf } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import type { Baselines } from '../baselines/index.js'
import type { LogRecord } from '../../event-log/index.js'
import { recordOf } from '../cases/in-memory-run.js'
import { seeded } from '../testing/random.js'
import type { Random } from '../testing/random.js'
import { addressRule, photoRule, rulesOf } from '../testing/rules.js'
import { runThrough, runWithKills } from '../testing/run-with-kills.js'
import { DirectMachine } from './direct-machine.js'
import { RekeyedMachine } from './rekeyed-machine.js'
import type { SetInForce } from './rule-book.js'

const START = Date.parse('2026-03-10T02:00:00.000Z')
const EVENTS = 1500

const anyEvent = (random: Random, i: number, at: number): AccessEvent => {
  const actor = `clerk-${random.below(6)}`
  const common = { id: `e${i}`, time: new Date(at).toISOString(), actor, ip: `10.0.0.${random.below(4)}` }
  if (random.chance(0.02)) return anAccessEvent({ ...common, actor: 'analyst', action: 'lift', subject: actor })
  if (random.chance(0.3)) return anAccessEvent({ ...common, action: 'sign_in', outcome: 'failed' })
  if (random.chance(0.2)) {
    const time = new Date(at - random.below(60_000)).toISOString()
    return anAccessEvent({ ...common, time, source: 'sshd', actor: undefined, action: 'sign_in', outcome: 'failed' })
  }
  const customer_id = `customer-${random.below(8)}`
  return anAccessEvent({ ...common, action: 'photo_view', outcome: 'held', customer_id, count: random.below(10) })
}

/** Fires on counts of the hour and the risk, which a restart must bring back. */
const unusualRule = `
title: More than usual
name: unusual
logsource: { product: custodia }
detection:
  selection: { action: photo_view, outcome: allowed, baseline.self.day.count|gte: 20, risk.score|gte: 1 }
  condition: selection
custodia: { suppress: 5m }
`
/** Every other kind of window, by the actor and by the address, one upon another, and under other names. */
const kinds = ['actor', 'ip']
  .flatMap((group) =>
    [
      'type: value_sum, condition: { field: count, gte: 15 }',
      'type: value_avg, condition: { field: count, gte: 6.5 }',
      'type: value_percentile, condition: { field: count, gte: 8, percentile: 90 }',
      'type: value_count, condition: { field: [customer_id, count], gte: 3 }',
    ].map((counted, n) => [`${group}-${n}`, `${counted}, rules: [seen], group-by: [${group}]`]),
  )
  .concat([
    ['both', 'type: temporal, rules: [seen, failed], group-by: [actor]'],
    ['in-order', 'type: temporal_ordered, rules: [failed, seen], group-by: [ip]'],
    ['named', 'type: value_count, rules: [seen, failed], group-by: [who], condition: { field: what, gte: 3 }, aliases: { who: { seen: actor, failed: ip }, what: { seen: customer_id, failed: actor } }'],
    ['chained', 'type: event_count, rules: [actor-0, in-order], group-by: [ip], condition: { gte: 3 }'],
    ['chained-by-actor', 'type: value_count, rules: [actor-3], group-by: [actor], condition: { field: customer_id, gte: 2 }'],
  ]) // prettier-ignore
const everyKind = [
  ...kinds.map(([name, correlation]) => {
    const generate = name === 'chained' ? '\ngenerate: true' : ''
    return `title: ${name}\nname: ${name}\ncorrelation: { timespan: 4m, ${correlation} }${generate}\ncustodia: { suppress: 2m }\n`
  }),
  `title: Seen\nname: seen\nlogsource: { product: custodia }\ndetection: { s: { action: photo_view }, condition: s }\n`,
  `title: Failed\nname: failed\nlogsource: { product: custodia }\ndetection: { s: { action: sign_in }, condition: s }\n`,
].join('---\n')
/** base rules of correlations alone do not alert, unless they generate */
const told = new Set([...kinds.map(([name]) => name!), 'photo-views', 'failures-by-address', 'unusual'])
told.delete('actor-3')

const clerks = Array.from({ length: 6 }, (_, n) => `clerk-${n}`)
const baselines: Baselines = {
  offsetMinutes: 0,
  people: new Map(
    clerks.map((clerk) => [
      clerk,
      { days: 20, weeks: 4, day: { photos: [1, 1] }, hours: {}, group: '', countries: [] },
    ]),
  ),
  groups: new Map(),
}

/** A partition's records, with a rule set that changes one of its two rules half-way. */
const world = (random: Random): { records: LogRecord[]; sets: SetInForce[] } => {
  let at = START
  const records = Array.from({ length: EVENTS }, (_, i) => {
    at += random.chance(0.02) ? random.below(400_000) : random.below(20_000)
    const event = anyEvent(random, i, at)
    return recordOf('access-events', i, at, keyOf(event), event)
  })
  const middle = records[EVENTS / 2]?.appendedAt ?? 0
  return {
    records,
    sets: [
      {
        version: 'first',
        from: 0,
        rules: rulesOf(photoRule({ limit: 3 }), addressRule, unusualRule, everyKind),
        baselines,
      },
      {
        version: 'second',
        from: middle,
        rules: rulesOf(photoRule({ limit: 4 }), addressRule, unusualRule, everyKind),
        baselines,
      },
    ],
  }
}

/** The re-keyed topic as the direct stage writes it, with ticks, and with stretches sent on twice as after a crash. */
const rekeyedRecords = (rekeyed: Iterable<[string, unknown]>, random: Random): LogRecord[] => {
  const records: LogRecord[] = []
  const sent: { key: string; value: unknown }[] = []
  for (const [id, value] of rekeyed) {
    const { received_at } = value as { received_at: string }
    const at = Date.parse(received_at)
    const put = (key: string, what: unknown): number => records.push(recordOf('rekeyed', records.length, at, key, what))
    sent.push({ key: id.split('/').slice(2).join('/'), value })
    const again = random.chance(0.1) ? random.below(30) : 0
    for (const one of sent.slice(-1 - again)) put(one.key, one.value)
    if (random.chance(0.1)) put('', { kind: 'tick', until: received_at })
  }
  return records
}

describe.each([1, 2, 3, 4, 5])('killed at random moments (seed %d)', (seed) => {
  const random = seeded(seed)
  const { records, sets } = world(random)
  const whole = runThrough(new DirectMachine(), records, sets)
  const behind = rekeyedRecords(whole.rekeyed, random)

  it('stage one gives the same alerts, verdicts and re-keyed events as an uninterrupted run', () => {
    expect(whole.alerts.size).toBeGreaterThan(3)
    expect([...whole.alerts.values()].some(({ rule }) => rule === 'unusual')).toBe(true)
    expect([...whole.verdicts.values()].filter(({ verdict }) => verdict === 'refused').length).toBeGreaterThan(3)
    expect(runWithKills(() => new DirectMachine(), records, sets, random)).toEqual(whole)
  })

  it('stage two gives the same alerts as an uninterrupted run', () => {
    const alerts = runThrough(new RekeyedMachine(), behind, sets)
    const alerting = [...whole.alerts.values(), ...alerts.alerts.values()].map(({ rule }) => rule)
    expect(new Set(alerting)).toEqual(told)
    expect(runWithKills(() => new RekeyedMachine(), behind, sets, random)).toEqual(alerts)
  })
})
