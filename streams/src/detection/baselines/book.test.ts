import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { PersonProfile } from '@custodia/contracts'
import { openEmbeddedEventLog, type EventLog } from '../../event-log/index.js'
import { BaselineBook, offsetMinutes } from './index.js'
import { piecesOf } from './keeper.js'

const person: PersonProfile = {
  days: 20,
  weeks: 4,
  day: { views: [9, 1] },
  hours: {},
  group: 'staff/service',
  countries: [],
}
const many = (count: number) => ({
  offsetMinutes: 480,
  people: new Map(Array.from({ length: count }, (_, n) => [`p-${n}`, person] as const)),
  groups: new Map(),
})

describe('the book of baselines', () => {
  let dir: string
  let log: EventLog
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-baselines-'))
    log = await openEmbeddedEventLog({ dir })
  })
  afterEach(async () => {
    await log.close()
    await rm(dir, { recursive: true, force: true })
  })
  const write = async (pieces: object[]): Promise<void> => {
    for (const piece of pieces) await log.append('baselines', { key: 'x', value: Buffer.from(JSON.stringify(piece)) })
  }
  const book = async (): Promise<BaselineBook> => {
    const one = new BaselineBook(log, Date.now)
    await one.knowsUntil(Infinity)
    return one
  }

  it('takes a day when all of its pieces are there, half a second later, and of two the first', async () => {
    const [first, ...rest] = piecesOf(many(250), '2026-03-23')
    expect(rest).toHaveLength(2)
    await write([first as object])
    expect((await book()).has('2026-03-23')).toBe(false)
    await write([...piecesOf(many(1), '2026-03-23'), ...rest])
    const one = await book()
    expect(one.inForce(Date.now() + 1_000)?.people.size).toBe(1)
    expect(one.inForce(Date.now() - 1_000)).toBeUndefined()
  })

  it('keeps the day before until the next is whole', async () => {
    await write(piecesOf(many(2), '2026-03-23'))
    await write(piecesOf(many(150), '2026-03-24').slice(0, 1))
    expect((await book()).inForce(Date.now() + 1_000)?.people.size).toBe(2)
  })
})

describe('local time', () => {
  it.each([
    ['Asia/Shanghai', '2026-03-23T00:00:00Z', 480],
    ['UTC', '2026-03-23T00:00:00Z', 0],
    ['America/New_York', '2026-01-23T00:00:00Z', -300],
    ['America/New_York', '2026-07-23T00:00:00Z', -240],
    ['Asia/Kolkata', '2026-03-23T00:00:00Z', 330],
  ])('of %s at %s is %d minutes from UTC', (zone, at, minutes) =>
    expect(offsetMinutes(zone, Date.parse(at))).toBe(minutes),
  )
})
