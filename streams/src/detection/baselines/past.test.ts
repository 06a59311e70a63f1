import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { anAccessEvent } from '@custodia/contracts/testing'
import { backtest } from '../backtest/index.js'
import { InMemoryRun, type TimedEvent } from '../cases/in-memory-run.js'
import { startPastStore, type PastStore } from '../sql/testing/past-accesses.js'
import { seeded } from '../testing/random.js'
import { rulesOf } from '../testing/rules.js'
import { countHours, freeze, type HourCount } from './index.js'
import { amountOf, dayIndex, dayMs, groupOf, habitOf, hourIndex, hourMs } from './habits.js'

const offset = 480
const firstDay = dayIndex(hourIndex(Date.parse('2026-03-02T00:00:00+08:00'), offset))
const midnight = (day: number): number => day * dayMs - offset * 60_000
const many = `
title: Far more photos than usual
name: unusual-photos
logsource: { product: custodia }
detection:
  selection: { action: photo_view, outcome: [granted, allowed], baseline.self.day.z|gte: 6, risk.score|gte: 1 }
  condition: selection
custodia: { suppress: 1h }
`

/** Six weeks of six people; on one of the last days one of them goes wild. */
const weeks = (): TimedEvent[] => {
  const random = seeded(4)
  const events: TimedEvent[] = []
  for (let day = 0; day < 40; day++)
    for (const actor of ['a', 'b', 'c', 'd', 'e', 'f']) {
      if (random.chance(0.2)) continue
      const photos = actor === 'c' && day === 36 ? 60 : 5 + random.below(6)
      for (let n = 0; n < photos; n++) {
        const at = midnight(firstDay + day) + (9 + random.below(9)) * hourMs + random.below(hourMs)
        const action = random.chance(0.8) ? 'photo_view' : random.chance(0.5) ? 'view' : 'export'
        const over = {
          actor,
          action,
          count: action === 'export' ? 7 : undefined,
          country: random.chance(0.1) ? 'HK' : 'CN',
          segment: day % 6 ? 'deposit' : 'mortgage',
        } as const
        const outcome = random.chance(0.05) ? 'refused' : 'granted'
        events.push({ at, event: anAccessEvent({ ...over, outcome, time: new Date(at).toISOString() }) })
      }
    }
  return events.sort((a, b) => a.at - b.at)
}

const counted = (events: readonly TimedEvent[], day: number): HourCount[] => {
  const rows = new Map<string, HourCount>()
  for (const { at, event } of events) {
    const hour = hourIndex(at, offset)
    const habit = habitOf(event)
    const before = day - dayIndex(hour)
    if (!habit || event.outcome !== 'granted' || before < 1 || before > 28) continue
    const key = `${event.actor} ${hour}`
    const row = rows.get(key) ?? {
      actor: event.actor ?? '',
      group: groupOf(event),
      hour,
      counts: {},
      countries: [],
      segments: [],
    }
    row.counts[habit] = (row.counts[habit] ?? 0) + amountOf(habit, event)
    row.countries = [...new Set([...row.countries, event.country ?? ''])]
    row.segments = [...new Set([...(row.segments ?? []), event.segment ?? ''])].filter(Boolean)
    rows.set(key, row)
  }
  return [...rows.values()]
}

describe('what was usual, out of the audit store', () => {
  const events = weeks()
  let past: PastStore
  beforeAll(async () => {
    past = await startPastStore()
    await past.land(events, [])
  }, 60_000)
  afterAll(() => past.stop())

  it('is what was counted, whoever counts', async () => {
    const day = firstDay + 36
    const bySql = freeze(await countHours(past.store, day, offset), day, offset)
    expect(bySql).toEqual(freeze(counted(events, day), day, offset))
    expect(bySql.people.size).toBe(6)
  })

  it('gives a backtest the alerts that were raised live', async () => {
    const run = new InMemoryRun(rulesOf(many))
    let today = -Infinity
    const live = events.flatMap((one) => {
      const day = dayIndex(hourIndex(one.at, offset))
      if (day !== today) run.freeze(freeze(counted(events, (today = day)), day, offset))
      return run.step(one).alerts
    })
    const [from, to] = [midnight(firstDay + 30), midnight(firstDay + 40)]
    const deps = { store: past.store, clock: () => 0, bounds: { seconds: 60, alerts: 100 }, timeZone: 'Asia/Shanghai' }
    const told = await backtest({ yaml: many, from, to }, [], deps)
    expect(told).toMatchObject({ by: 'replay', why: 'what is usual is worked out by the engine', people: 1 })
    expect(told.alerts).toBe(live.filter(({ time }) => Date.parse(time) >= from).length)
    expect(told.examples.map(({ event_id }) => event_id)).toContain(live.at(-1)?.event_id)
    expect(live.at(-1)?.usual).toContainEqual(expect.objectContaining({ of: 'self', over: 'day', habit: 'photos' }))
  })
})
