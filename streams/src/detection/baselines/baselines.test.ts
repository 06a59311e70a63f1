import { describe, expect, it } from '@jest/globals'
import type { AccessEvent, Habit } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { freeze, LiveCounts, type HourCount } from './index.js'
import { dayIndex, dayMs, groupOf, hourIndex, hourMs } from './habits.js'
import { spreadOf, usualOf } from './robust.js'

const offset = 480
/** Monday 23 March 2026, midnight in Shanghai */
const monday = Date.parse('2026-03-23T00:00:00+08:00')
const today = dayIndex(hourIndex(monday, offset))
const group = groupOf({ actor_role: 'staff', team: 'service' })

/** So many of a habit at nine on each of the 20 working days before, by each of these people. */
const weeksOf = (people: string[], counts: Partial<Record<Habit, number>>, days = 20): HourCount[] =>
  people.flatMap((actor) =>
    Array.from({ length: 28 }, (_, n) => n + 1)
      .filter((before) => ![0, 6].includes(new Date(monday - before * dayMs + 12 * hourMs).getUTCDay()))
      .slice(0, days)
      .map((before) => ({
        actor,
        group,
        hour: hourIndex(monday - before * dayMs + 9 * hourMs, offset),
        counts,
        countries: ['CN'],
      })),
  )
const team = ['a', 'b', 'c', 'd', 'e', 'f']
const view = (over: Partial<AccessEvent> = {}): AccessEvent =>
  anAccessEvent({ actor: 'a', customer_id: 'c', country: 'CN', ...over })

describe('what is usual', () => {
  it('is a median that odd days do not move', () => {
    expect(usualOf([8, 9, 10, 9, 500])).toEqual([9, 1])
    expect(usualOf([4], 3)).toEqual([0, 0])
    expect(usualOf([4, 6], 1)).toEqual([4, 2])
    expect(usualOf([])).toEqual([0, 0])
  })

  it('spreads at least as chance does', () => {
    expect(spreadOf([100, 1])).toBe(10)
    expect(spreadOf([100, 20])).toBeCloseTo(29.65)
    expect(spreadOf([0, 0])).toBe(1)
  })

  it('is told by day at work and by hour of the week, of a person and of their peers', () => {
    const { people, groups } = freeze(weeksOf(team, { photos: 7 }), today, offset)
    expect(people.get('a')).toMatchObject({ days: 20, weeks: 4, day: { photos: [7, 0] }, countries: ['CN'], group })
    expect(people.get('a')?.hours.photos).toContainEqual([9, 7, 0])
    expect(groups.get(group)).toMatchObject({ people: 6, days: 120, day: { photos: [7, 0] }, total: { photos: 840 } })
  })

  it('counts a week without the person as not known, and not as zeros', () => {
    const { people } = freeze(weeksOf(['a'], { photos: 7 }, 10), today, offset)
    expect(people.get('a')).toMatchObject({ days: 10, weeks: 2 })
    expect(people.get('a')?.hours.photos).toContainEqual([9, 7, 0])
  })

  it('forgets what is older than four weeks, and does not know today yet', () => {
    const old = { actor: 'a', group, hour: hourIndex(monday - 29 * dayMs, offset), counts: { views: 1 }, countries: [] }
    const now = { ...old, hour: hourIndex(monday + hourMs, offset) }
    expect(freeze([old, now], today, offset).people.size).toBe(0)
  })
})

describe('an access beside what is usual', () => {
  const nine = monday + 9 * hourMs
  const known = freeze(weeksOf(team, { views: 9, photos: 4 }), today, offset)
  const seen = (live: LiveCounts, event: AccessEvent, at: number, baselines = known) => {
    const found = live.look(event, at, baselines)
    if (!found) throw new Error('nothing was seen')
    live.count(event, at, found, baselines.offsetMinutes)
    return found
  }

  it('tells count, median, spread and distance, by hour and day, of self and peers', () => {
    const live = new LiveCounts()
    for (let n = 0; n < 20; n++) seen(live, view(), nine)
    const { baseline, facts } = seen(live, view(), nine)
    expect(baseline).toMatchObject({
      habit: 'views',
      days: 20,
      self: { hour: { count: 21, usual: 9, spread: 3, z: 4 }, day: { count: 21, usual: 9, z: 4 } },
      peers: { people: 6, day: { usual: 9 } },
    })
    expect(facts()).toContainEqual({
      habit: 'views', over: 'day', of: 'peers', value: 21, known: 120, people: 6, usual: 9, spread: 3, z: 4,
    }) // prettier-ignore
  })

  it('begins a new day at local midnight', () => {
    const live = new LiveCounts()
    seen(live, view(), monday - 1)
    expect(seen(live, view(), monday).baseline.self.day?.count).toBe(1)
  })

  it('says nothing of somebody who is not known yet, and for how many days they are', () => {
    const few = freeze(weeksOf(['a'], { views: 9 }, 4), today, offset)
    const { baseline, facts } = seen(new LiveCounts(), view(), nine, few)
    expect(baseline).toMatchObject({ days: 4, self: {}, peers: { people: 1 }, first: [] })
    expect(baseline.self.day).toBeUndefined()
    expect(baseline.peers.day).toBeUndefined()
    expect(facts()[1]).toEqual({ habit: 'views', over: 'day', of: 'self', value: 1, known: 4 })
    expect(new LiveCounts().look(view(), nine, undefined)).toBeUndefined()
  })

  it('knows a country that was never seen of the person', () => {
    expect(seen(new LiveCounts(), view({ country: 'HK' }), nine).baseline.first).toEqual(['country'])
    expect(seen(new LiveCounts(), view({ country: 'CN' }), nine).baseline.first).toEqual([])
  })

  it('knows a kind of customer that was never seen of the person, once enough days told of kinds at all', () => {
    const rows = weeksOf(['a'], { views: 9 })
    const told = rows.map((row, n) => ({ ...row, segments: n < 10 ? ['deposit'] : [] }))
    const firstOf = (segment: string | undefined, from: HourCount[]) =>
      seen(new LiveCounts(), view({ segment }), nine, freeze(from, today, offset)).baseline.first
    expect(firstOf('mortgage', told)).toEqual(['segment'])
    expect(firstOf('deposit', told)).toEqual([])
    expect(firstOf(undefined, told)).toEqual([])
    expect(firstOf('mortgage', told.slice(1))).toEqual([]) // nine days tell nothing
    expect(firstOf('mortgage', rows)).toEqual([])
  })

  it('is rarer among peers the less they do it', () => {
    const { rarity } = seen(new LiveCounts(), view({ action: 'reveal' }), nine).baseline
    expect(rarity).toBeGreaterThan(seen(new LiveCounts(), view(), nine).baseline.rarity ?? 0)
    expect(rarity).toBeCloseTo(Math.log2(6 * 20 * 13 + 1), 1)
  })

  it('makes a risk of what is odd, by what it would cost, that halves in a day; ordinary work makes none', () => {
    const live = new LiveCounts()
    expect(seen(live, view(), nine).risk).toEqual({ score: 0, parts: {} })
    const abroad = seen(live, view({ action: 'photo_download', country: 'HK' }), nine).risk
    expect(abroad).toEqual({ score: 3, parts: { first_country: 3 } })
    const decoy = seen(live, view({ canary: true }), nine + dayMs).risk
    expect(decoy.parts).toEqual({ first_country: 1.5, canary: 50 })
    expect(decoy.score).toBe(51.5)
  })

  it('is the same after a restart', () => {
    const [live, other] = [new LiveCounts(), new LiveCounts()]
    for (let n = 0; n < 30; n++) seen(live, view({ country: 'HK' }), nine + n * 60_000)
    other.restore(JSON.parse(JSON.stringify(live.snapshot())) as ReturnType<LiveCounts['snapshot']>)
    const at = nine + 5 * hourMs
    expect(seen(other, view(), at)).toMatchObject({ ...seen(live, view(), at), facts: expect.any(Function) })
  })
})
