import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { askSql } from '../backtest/ask-sql.js'
import type { PastAlert, Reading } from '../backtest/reading.js'
import { RuleReplay } from '../backtest/replay.js'
import { sha256 } from '../run/hash.js'
import { compileRules } from '../run/rule-set.js'
import { loadRules, type Rule } from '../sigma/index.js'
import { runInMemory, type TimedEvent } from '../cases/in-memory-run.js'
import { seeded } from '../testing/random.js'
import { eventsOf, readRuleCases } from '../cases/rule-cases.js'
import { accessHistory, punctualHistory, replayReason, toSql } from './index.js'
import { type PastStore, pastOf, startPastStore } from './testing/past-accesses.js'
import { randomEvents } from './testing/random-events.js'
import { placeholders, randomRules } from './testing/random-rules.js'

const streams = Number(process.env.CUSTODIA_STREAMS_COMPARED ?? 2)
const first = Number(process.env.CUSTODIA_SEED ?? 1)
const DAY = 86_400_000
const HORIZON = 60 * DAY

describe('a rule as SQL and in the engine', () => {
  let past: PastStore
  beforeAll(async () => {
    past = await startPastStore()
  }, 30_000)
  afterAll(() => past.stop())
  const compared = { rules: 0, alerts: 0, replayed: new Map<string, number>() }
  const cannot = (reason: string): undefined => {
    compared.replayed.set(reason, (compared.replayed.get(reason) ?? 0) + 1)
  }

  /** the alerts by SQL, or undefined where that must be left to the engine */
  const bySql = async (rule: Rule, rules: readonly Rule[], reading: Reading, ends: readonly number[]) => {
    // nothing came late here: both ways of reading find the same
    const statement = toSql(rule, rules, ends.length ? punctualHistory : accessHistory)
    if ('unsupported' in statement) return cannot(statement.unsupported)
    try {
      return (await askSql(past.store, rule, statement, reading, sha256, { ends })).alerts
    } catch (error) {
      const reason = replayReason(error)
      if (reason === undefined) throw new Error(`${rule.name}: ${String(error)}`, { cause: error })
      return cannot(reason)
    }
  }

  /** the same alerts as raised live, by replay, and by SQL, in one statement or in parts that end somewhere */
  const compare = async (
    rules: readonly Rule[],
    events: readonly TimedEvent[],
    which: readonly Rule[],
    cuts: readonly (readonly number[])[],
  ): Promise<void> => {
    const live = runInMemory(rules, events)
    await past.land(events, live.verdicts)
    const start = (events[0]?.at ?? 0) - 1
    const reading = { start, from: start, to: (events.at(-1)?.at ?? 0) + 1, whole: true }
    const accesses = pastOf(events, live.verdicts)
    for (const rule of which) {
      const replay = new RuleReplay(rule, rules, reading, sha256)
      for (const end of [...(cuts.at(-1) ?? []), reading.to]) await replay.add(accesses, end)
      const { alerts: replayed } = replay.answer()
      if (rule.alerts) expect([rule.name, idsOf(live.alerts, rule)]).toEqual([rule.name, idsIn(replayed)])
      for (const ends of cuts) {
        const asked = await bySql(rule, rules, reading, ends)
        if (!asked) break
        expect([rule.name, ends, inOrder(asked)]).toEqual([rule.name, ends, inOrder(replayed)])
      }
      compared.rules++
      compared.alerts += replayed.length
    }
  }
  /** an event may fire for two groups: which of them comes first is nobody's promise */
  const inOrder = (alerts: readonly PastAlert[]) =>
    alerts.toSorted((a, b) => a.at - b.at || (a.event_id + a.id < b.event_id + b.id ? -1 : 1))
  const idsIn = (alerts: readonly { id: string }[]) => new Set(alerts.map(({ id }) => id))
  const idsOf = (alerts: readonly { id: string; rule: string }[], rule: Rule) =>
    idsIn(alerts.filter((alert) => alert.rule === rule.name))

  const folder = new URL('../../../rules/', import.meta.url)
  const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')
  const shipped = readdirSync(folder).filter((name) => name.endsWith('.yml') && !name.endsWith('.cases.yml'))
  const pack = compileRules(shipped.map((file) => ({ file, yaml: read(file) })))

  it('of the shipped rules, over all of their cases', async () => {
    let shift = 0
    const events = shipped.flatMap((file) => {
      const { fires, silent } = readRuleCases(read(file.replace('.yml', '.cases.yml')))
      return [...fires, ...silent].flatMap((one, i) => {
        const its = eventsOf(one)
        const moved = its.map(({ at, event }) => ({
          at: at + shift,
          event: { ...event, id: `${file}-${i}-${event.id}`, time: new Date(at + shift).toISOString() },
        }))
        shift += (its.at(-1)?.at ?? 0) - (its[0]?.at ?? 0) + 2 * DAY // windows of one case end before the next begins
        return moved
      })
    })
    const alerting = pack.rules.filter((rule) => rule.alerts)
    await compare(pack.rules, events, alerting, [[events[Math.floor(events.length / 2)]!.at]])
  }, 240_000)

  it.each(Array.from({ length: streams }, (_, i) => first + i))(
    'of generated rules over a generated stream, seed %i',
    async (seed) => {
      const random = seeded(seed)
      const start = Date.UTC(2020, 0, 1) + (seed % 3000) * HORIZON
      // fields that no access has are among them: both executors must find them missing
      const { rules, problems } = loadRules(
        Array.from({ length: 2 }, (_, i) => ({ file: `r${i}.yml`, yaml: randomRules(random, `r${i}`, start) })),
        { placeholders },
      )
      expect(problems).toEqual([])
      const events = randomEvents(random, 250, start, `s${seed}`)
      // at events and between them: windows, suppressions and lifts reach over the ends of parts
      const ends = [70, 140, 210].map((nth) => events[nth + random.below(30)]!.at + random.below(2))
      await compare(rules, events, rules, [[], ends])
    },
    240_000,
  )

  it('compared enough to mean something, and says why a rule was left to the engine', () => {
    expect(compared.rules).toBeGreaterThanOrEqual(streams * 18)
    expect(compared.alerts).toBeGreaterThan(streams * 100)
    for (const reason of compared.replayed.keys()) expect(reason).toMatch(/^[^\n]{10,120}$/)
    const replayed = [...compared.replayed.values()].reduce((sum, count) => sum + count, 0)
    expect(replayed).toBeLessThan(compared.rules / 4)
  })
})
