import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { askSql } from '../backtest/ask-sql.js'
import { readAfresh, readPast } from '../backtest/past-accesses.js'
import type { Answer, Reading } from '../backtest/reading.js'
import { RuleReplay } from '../backtest/replay.js'
import { eventsOf, readRuleCases } from '../cases/rule-cases.js'
import type { TimedEvent } from '../cases/in-memory-run.js'
import { sha256 } from '../run/hash.js'
import { compileRules } from '../run/rule-set.js'
import { loadRules, type Rule } from '../sigma/index.js'
import { type Random, seeded } from '../testing/random.js'
import { replayReason, toSql } from './index.js'
import { runLate } from './testing/late-run.js'
import { forgotten, rulesByKey, sentAgain } from './testing/late-stream.js'
import { afreshOf, alertsAfresh, type PastStore, startPastStore } from './testing/past-accesses.js'
import { randomEvents } from './testing/random-events.js'
import { placeholders, randomRules } from './testing/random-rules.js'

const seeds = Number(process.env.CUSTODIA_STREAMS_COMPARED ?? 2)
const first = Number(process.env.CUSTODIA_SEED ?? 1)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('what comes late is judged once, at one place', () => {
  let past: PastStore
  beforeAll(async () => {
    past = await startPastStore()
  }, 30_000)
  afterAll(() => past.stop())
  afterEach(async () => {
    for (const table of ['access_events', 'verdicts', 'late_events']) await past.store.query(`TRUNCATE TABLE ${table}`)
  })
  const seen = {
    late: 0,
    alerts: 0,
    lateAlerts: 0,
    afresh: 0,
    afreshAlerts: 0,
    sql: 0,
    replayed: new Map<string, number>(),
  }

  /** Told at once or days later, now and then a little ahead; many of them outside, some of the very same millisecond. */
  const delayed = (events: readonly TimedEvent[], random: Random): TimedEvent[] =>
    events.map(({ at, event }) => {
      const outside = event.outcome !== 'held' && (event.source !== 'custodia' || random.chance(0.4))
      if (!outside) return { at, event }
      const delay = random.pick([
        0,
        0,
        0,
        1,
        1000,
        2 * MINUTE,
        9 * MINUTE,
        40 * MINUTE,
        5 * HOUR,
        30 * HOUR,
        -4 * MINUTE,
      ])
      return { at, event: { ...event, source: 'crm', time: new Date(at - delay).toISOString() } }
    })

  const bySql = async (rule: Rule, rules: readonly Rule[], reading: Reading, ends: readonly number[]) => {
    const statement = toSql(rule, rules)
    const cannot = (reason: string): undefined => {
      seen.replayed.set(reason, (seen.replayed.get(reason) ?? 0) + 1)
    }
    if ('unsupported' in statement) return cannot(statement.unsupported)
    try {
      const answer = await askSql(past.store, rule, statement, reading, sha256, { ends })
      seen.sql++
      return answer
    } catch (error) {
      const reason = replayReason(error)
      if (reason === undefined) throw new Error(`${rule.name}: ${String(error)}`, { cause: error })
      return cannot(reason)
    }
  }
  const byReplay = async (rule: Rule, rules: readonly Rule[], reading: Reading, ends: readonly number[]) => {
    const afresh = await readAfresh(past.store, rule.name, reading, {})
    const replay = new RuleReplay(rule, rules, reading, sha256, { afresh })
    let since = reading.start
    for (const to of [...ends, reading.to]) {
      await replay.add(await readPast(past.store, { start: since, since, to }, 20 * DAY, {}), to)
      since = to
    }
    return replay.answer()
  }

  const compare = async (rules: readonly Rule[], events: readonly TimedEvent[], random: Random): Promise<void> => {
    const live = runLate(rules, events, random)
    await past.land(events, [...live.verdicts.values()], [...live.late.values()])
    const times = events.flatMap(({ at, event }) => [at, Date.parse(event.time)])
    const reading = { start: Math.min(...times) - 1, from: 0, to: Math.max(...times) + 1, whole: true }
    const ends = [0.3, 0.6].map((part) => Math.round(reading.start + part * (reading.to - reading.start)))
    seen.late += live.late.size
    for (const rule of rules.filter(({ alerts }) => alerts)) {
      const raised = [...live.alerts.values()].filter((alert) => alert.rule === rule.name)
      seen.alerts += raised.length
      seen.lateAlerts += raised.filter(({ late }) => late).length
      const afresh = afreshOf(rule.name, [...live.late.values()])
      seen.afresh += [...afresh.values()].flat().length
      seen.afreshAlerts += alertsAfresh(rule, rules, raised, afresh, events)
      const expected = new Set(raised.map(({ id, time, value }) => [Date.parse(time), id, value].join(' ')))
      const told = (answer: Answer) => new Set(answer.alerts.map(({ id, at, value }) => [at, id, value].join(' ')))
      expect([rule.name, told(await byReplay(rule, rules, reading, ends))]).toEqual([rule.name, expected])
      for (const cuts of [[], ends]) {
        const answer = await bySql(rule, rules, reading, cuts)
        if (!answer) break
        expect([rule.name, cuts, told(answer)]).toEqual([rule.name, cuts, expected])
      }
    }
  }

  it.each(Array.from({ length: seeds }, (_, i) => first + i))(
    'live, replayed and as SQL: generated rules, seed %i',
    async (seed) => {
      const random = seeded(seed * 7919)
      const start = Date.UTC(2021, 0, 1)
      const { rules, problems } = loadRules([{ file: 'r.yml', yaml: randomRules(random, 'r', start) }], {
        placeholders,
      })
      expect(problems).toEqual([])
      await compare(rules, delayed(randomEvents(random, 500, start, `s${seed}`), random), random)
    },
    240_000,
  )

  it.each(Array.from({ length: seeds }, (_, i) => first + i))(
    'live, replayed and as SQL: the shipped rules by address, device and source, seed %i',
    async (seed) => {
      const random = seeded(seed * 104_729)
      const folder = new URL('../../../rules/', import.meta.url)
      const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')
      const names = readdirSync(folder).filter((name) => /^(sign-in-failures-address|password-spraying|credential-stuffing|one-browser-many-accounts|bulk-view-minute|closed-account)\.yml$/.test(name)) // prettier-ignore
      const { rules } = compileRules(names.map((file) => ({ file, yaml: read(file) })))
      let number = 0
      const events = names
        .flatMap((file) => readRuleCases(read(file.replace('.yml', '.cases.yml'))).fires)
        .flatMap((one) => eventsOf(one).map(({ at, event }) => ({ at: at + random.below(3) * 1000, event })))
        .sort((a, b) => a.at - b.at)
        .map(({ at, event }) => ({ at, event: { ...event, id: `event-${random.below(100)}-${number++}` } }))
      await compare(rules, delayed(events, random), random)
    },
    240_000,
  )

  it.each(Array.from({ length: seeds }, (_, i) => first + i))(
    'live, replayed and as SQL: keys that were forgotten, seed %i',
    async (seed) => {
      const random = seeded(seed * 15_485_863)
      const spans = Array.from({ length: 4 }, () => random.pick(['1m', '10m', '1h', '4h', '12h']))
      await compare(rulesByKey(spans), forgotten(random, 200, Date.UTC(2026, 2, 10)), random)
    },
    240_000,
  )

  it('live, replayed and as SQL: ids that are sent again when they are not known any more', async () => {
    const random = seeded(first)
    await compare(rulesByKey(['12d', '9d', '14d', '10d']), sentAgain(random, 80, Date.UTC(2026, 2, 10)), random)
  }, 240_000)

  it('and that was tried', () => {
    expect(seen.late).toBeGreaterThan(seeds * 100)
    expect(seen.alerts).toBeGreaterThan(seeds * 50)
    expect(seen.lateAlerts).toBeGreaterThan(seeds * 5)
    expect(seen.afresh).toBeGreaterThan(seeds * 10)
    expect(seen.afreshAlerts).toBeGreaterThan(seeds)
    expect(seen.sql).toBeGreaterThan(seeds * 10)
  })
})
