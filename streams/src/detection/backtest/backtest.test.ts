import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { LateEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import type { TimedEvent } from '../cases/in-memory-run.js'
import { startPastStore, type PastStore } from '../sql/testing/past-accesses.js'
import { addressRule, photoRule } from '../testing/rules.js'
import { backtest, BacktestRefused, BacktestTooLarge } from './index.js'
import type { BacktestBounds } from './run-backtest.js'

const HOUR = 3_600_000
const START = Date.UTC(2026, 2, 2)

/** every clerk opens the photos of so many customers, a minute apart, once a day */
const days = (clerks: Record<string, number>, count: number): TimedEvent[] =>
  Array.from({ length: count }, (_, day) =>
    Object.entries(clerks).flatMap(([actor, customers]) =>
      Array.from({ length: customers }, (_, n): TimedEvent => {
        const at = START + day * 24 * HOUR + n * 60_000
        const event = anAccessEvent({
          actor,
          action: 'photo_view',
          customer_id: `c-${n}`,
          time: new Date(at).toISOString(),
        })
        return { at, event }
      }),
    ),
  )
    .flat()
    .sort((a, b) => a.at - b.at)

describe('a backtest', () => {
  let past: PastStore
  beforeAll(async () => {
    past = await startPastStore()
    await past.land(days({ ann: 3, bob: 5, cat: 9 }, 3), [])
  }, 30_000)
  afterAll(() => past.stop())

  const inForce = [{ file: 'photo.yml', yaml: photoRule({ limit: 3, keys: 'mode: live' }) }]
  const period = { from: START, to: START + 3 * 24 * HOUR }
  const run = (asked: object, bounds: BacktestBounds = { seconds: 60, alerts: 1000 }, files = inForce) =>
    backtest({ ...period, ...asked }, files, {
      store: past.store,
      clock: () => performance.now(),
      bounds,
      timeZone: 'UTC',
    })

  it('counts alerts, freezes and people of a rule in force, day by day, and what it cost', async () => {
    const told = await run({ rule: 'photo-views' })
    expect(told).toMatchObject({
      alerts: 6,
      freezes: 6,
      people: 2,
      by: 'sql',
      live: { same: true, onlyHere: 0, onlyLive: 0 },
    })
    expect(told.days.map(({ alerts }) => alerts)).toEqual([2, 2, 2])
    const noon = await run({ rule: 'photo-views', from: START - 12 * HOUR, to: START + 60 * HOUR })
    expect(noon.days.map(({ from, alerts }) => [(from - START) / HOUR, alerts])).toEqual([
      [-12, 0],
      [0, 2],
      [24, 2],
      [48, 2],
    ])
    expect(told.examples[0]).toMatchObject({ group: { actor: 'bob' }, value: 4 })
    expect(told.cost.rows).toBeGreaterThanOrEqual(51)
    expect(told.cost.bytes).toBeGreaterThan(0)
  })

  it('tells the difference of a text from the version in force', async () => {
    const told = await run({ yaml: photoRule({ limit: 7, keys: 'mode: live' }) })
    expect(told).toMatchObject({ alerts: 3, people: 1, live: { same: false, summary: { alerts: 6 } } })
    expect(told.live).toMatchObject({ onlyHere: 3, onlyLive: 6 }) // another event is the one too many
  })

  it('tells what other values of a placeholder would change in a rule that uses it', async () => {
    const yaml = photoRule({ keys: 'mode: live' }).replace('photo_view,', "photo_view, actor|expand: '%watched%',")
    const files = [
      { file: 'photo.yml', yaml },
      { file: 'placeholders.yml', yaml: 'watched: [bob]' },
    ]
    const told = await run(
      { rule: 'photo-views', file: 'placeholders.yml', yaml: 'watched: [ann, cat]' },
      undefined,
      files,
    )
    expect(told).toMatchObject({ alerts: 3, people: 1, live: { same: false, onlyHere: 3, onlyLive: 3 } })
    const broken = run({ rule: 'photo-views', file: 'placeholders.yml', yaml: 'watched:' }, undefined, files)
    await expect(broken).rejects.toThrow('line 1: `watched` has an empty value')
  })

  it('replays what is not SQL, says why, and finds the same', async () => {
    const yaml = photoRule({ keys: 'mode: live' }).replace('action: photo_view', `action|re: '^photo_(?=view)'`)
    const told = await run({ yaml })
    expect(told).toMatchObject({ by: 'replay', why: 'ClickHouse has no patterns that look around', alerts: 6 })
    expect(told.live).toMatchObject({ same: false, onlyHere: 0, onlyLive: 0 })
    const inParts = await run({ yaml }, { seconds: 60, alerts: 1000, events: 12 })
    expect(inParts).toEqual({ ...told, cost: inParts.cost })
  })

  it('knows what was suppressed at the beginning of the period, however long ago that began', async () => {
    const yaml = photoRule({ keys: 'suppress: 30h' })
    const whole = await run({ yaml })
    const cut = await run({ yaml, from: START + 2 * 24 * HOUR })
    const last = whole.examples.filter(({ at }) => at >= START + 2 * 24 * HOUR)
    expect(last.length).toBeGreaterThan(0)
    expect(cut.examples).toEqual(last)
  })

  it.each(['suppress: 0s', 'suppress: 10m', 'suppress: 30h'])(
    'finds the same in parts as in one, and reads as far back, with %s',
    async (keys) => {
      const yaml = photoRule({ keys })
      for (const from of [START, START + 25 * HOUR]) {
        const { cost: one, ...whole } = await run({ yaml, from })
        const { cost: many, ...parts } = await run({ yaml, from }, { seconds: 60, alerts: 1000, events: 12 })
        expect(parts).toEqual(whole)
        expect(many.rows).toBeGreaterThan(one.rows)
      }
    },
  )

  it('counts whose accesses fired where a group is nobody’s', async () => {
    const from = START + 50 * 24 * HOUR
    const burst = (actors: string[], ip: string): TimedEvent[] =>
      actors.map((actor, n) => {
        const at = from + n * 1_000
        const event = anAccessEvent({
          actor,
          action: 'sign_in',
          outcome: 'failed',
          ip,
          time: new Date(at).toISOString(),
        })
        return { at, event }
      })
    await past.land(
      [...burst(['u1', 'u2', 'u3', 'u4', 'u5'], '10.8.8.1'), ...burst(['u1', 'u2', 'u3', 'u4', 'u6'], '10.8.8.2')],
      [],
    )
    expect(await run({ yaml: addressRule, from, to: from + HOUR })).toMatchObject({ by: 'sql', alerts: 2, people: 2 })
  })

  it('says how many events came too late for the rule to count them, each once', async () => {
    const [time, judged_at] = [new Date(START - 24 * HOUR).toISOString(), new Date(START + HOUR).toISOString()]
    const mark = (event_id: string, received: number, ...passed_over: string[]): LateEvent => ({
      ...{ event_id, time, judged_at, passed_over, received_at: new Date(START + received * HOUR).toISOString() },
      ...{ key: `ip=10.0.0.${received}`, after: 'e', offset: received },
    })
    const late = [mark('a', 1, 'photo-views'), mark('a', 2, 'photo-views', 'x'), mark('b', 1, 'x'), mark('c', 1)]
    const elsewhere = { ...mark('a', 1, 'photo-views'), key: 'ip=::1' }
    await past.land([], [], [...late, elsewhere])
    expect(await run({ rule: 'photo-views' })).toMatchObject({ alerts: 6, passedOver: 2 })
    expect(await run({ rule: 'photo-views', from: START + 2 * HOUR })).toMatchObject({ passedOver: 0 })
  })

  it('has bounds, and says what to do', async () => {
    await expect(run({ rule: 'photo-views' }, { seconds: 60, alerts: 5 })).rejects.toThrow(BacktestTooLarge)
    await expect(run({ rule: 'photo-views' }, { seconds: 0, alerts: 5 })).rejects.toThrow('take a shorter period')
  })

  it('refuses a rule that is not there, or is no rule, with the line', async () => {
    await expect(run({ rule: 'no-such' })).rejects.toThrow(/^no rule is called no-such$/)
    const refused = [{ file: 'odd.yml', yaml: photoRule({ limit: 3, keys: 'mode: loud' }) }]
    await expect(run({ rule: 'photo-views' }, undefined, refused)).rejects.toThrow(
      /^no rule is called photo-views; odd\.yml cannot be used: line \d+: `custodia\.mode`: is one of off, shadow, live$/,
    )
    await expect(run({ yaml: 'title: t\ndetection: {}' })).rejects.toThrow(BacktestRefused)
    await expect(run({ yaml: 'a: [' })).rejects.toThrow(/^line 1: not valid YAML/)
  })
})
