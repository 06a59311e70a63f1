import { describe, expect, it } from '@jest/globals'
import type { TimedEvent } from '../cases/in-memory-run.js'
import { sha256 } from '../run/hash.js'
import type { Rule } from '../sigma/index.js'
import { runLate, type Told } from '../sql/testing/late-run.js'
import { forgotten, rulesByKey, sentAgain, stream } from '../sql/testing/late-stream.js'
import { afreshOf, alertsAfresh, pastOf } from '../sql/testing/past-accesses.js'
import { type Random, seeded } from '../testing/random.js'
import { RuleReplay } from './replay.js'

const seeds = Number(process.env.CUSTODIA_STREAMS_COMPARED ?? 40)
const first = Number(process.env.CUSTODIA_SEED ?? 1)
const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000]

describe('what is judged under other keys, live and replayed', () => {
  const seen = { late: 0, lateAlerts: 0, afresh: 0, afreshAlerts: 0 }

  const compare = async (all: readonly Rule[], events: readonly TimedEvent[], live: Told): Promise<void> => {
    const times = events.flatMap(({ at, event }) => [at, Date.parse(event.time)])
    const reading = { start: Math.min(...times) - 1, from: 0, to: Math.max(...times) + 1, whole: true }
    const marks = [...live.late.values()]
    const past = pastOf(events, [...live.verdicts.values()], marks)
    seen.late += marks.length
    for (const rule of all.filter(({ name }) => name.startsWith('rule'))) {
      const raised = [...live.alerts.values()].filter((alert) => alert.rule === rule.name)
      seen.lateAlerts += raised.filter(({ late }) => late).length
      const afresh = afreshOf(rule.name, marks)
      seen.afresh += [...afresh.values()].flat().length
      seen.afreshAlerts += alertsAfresh(rule, all, raised, afresh, events)
      const replay = new RuleReplay(rule, all, reading, sha256, { afresh })
      await replay.add(past, reading.to)
      const expected = new Set(raised.map(({ id, time, value }) => [Date.parse(time), id, value].join(' ')))
      const told = new Set(replay.answer().alerts.map(({ id, at, value }) => [at, id, value].join(' ')))
      expect([rule.name, told]).toEqual([rule.name, expected])
    }
  }
  const some = (random: Random, spans: readonly string[]): string[] =>
    Array.from({ length: 4 }, () => random.pick(spans))
  const start = Date.UTC(2026, 2, 10)
  const delays = [0, 0, SECOND, 2 * MINUTE, 30 * MINUTE, 59 * MINUTE, -2 * MINUTE, -5 * MINUTE]
  const each = Array.from({ length: seeds }, (_, i) => first + i)

  it.each(each)('is the same after silences, seed %i', async (seed) => {
    const random = seeded(seed * 31)
    const all = rulesByKey(some(random, ['5m', '1h', '10m', '4h', '30s', '2h']))
    const pauses = [0, SECOND, SECOND, MINUTE, MINUTE, 2 * MINUTE, 5 * MINUTE, 40 * MINUTE]
    const events = stream(random, { count: 400, start, pauses, delays })
    await compare(all, events, runLate(all, events, random))
  })

  it.each(each)('is the same where a timespan grew while events waited, seed %i', async (seed) => {
    const random = seeded(seed * 37)
    const all = rulesByKey(some(random, ['12h', '1d']))
    const events = stream(random, {
      count: 200,
      start,
      pauses: [0, SECOND, MINUTE, 2 * MINUTE, 10 * MINUTE],
      delays: [0, MINUTE, HOUR, 4 * HOUR, 8 * HOUR],
    })
    await compare(all, events, runLate(all, events, random, rulesByKey(some(random, ['30s', '5m', '1h']))))
  })

  it.each(each)('is the same where a key was forgotten when something of long ago came, seed %i', async (seed) => {
    const random = seeded(seed * 43)
    const all = rulesByKey(some(random, ['1m', '10m', '1h', '4h', '12h']))
    const events = forgotten(random, 300, start)
    await compare(all, events, runLate(all, events, random))
  })

  it.each(each)('is the same where an id is sent again when it is not known any more, seed %i', async (seed) => {
    const random = seeded(seed * 41)
    const all = rulesByKey(['12d', '9d', '14d', '10d'])
    const events = sentAgain(random, 150, start)
    await compare(all, events, runLate(all, events, random))
  })

  it('and that was tried', () => {
    expect(seen.late).toBeGreaterThan(seeds * 20)
    expect(seen.lateAlerts).toBeGreaterThan(seeds)
    expect(seen.afresh).toBeGreaterThan(seeds * 10)
    expect(seen.afreshAlerts).toBeGreaterThan(seeds * 2)
  })
})
