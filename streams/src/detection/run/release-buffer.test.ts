import { describe, expect, it } from '@jest/globals'
import { MAX_WAITING, ReleaseBuffer } from './release-buffer.js'
import type { Released } from './release-buffer.js'

const feed = (buffer = new ReleaseBuffer<string>()) => {
  let offset = 0
  return {
    buffer,
    add: (time: number, id: string, receivedAt: number, key = 'k', from = { partition: 0, offset: offset++ }) =>
      buffer.add({ key, time, id, receivedAt, item: id }, from, ['r']),
  }
}
const reach = (): number => 100
const HOUR = 3_600_000
const ids = (released: Released<string>[]): string[] => released.map(({ id }) => id)

describe('ReleaseBuffer', () => {
  it('releases in order of time and id what was received before the horizon', () => {
    const { buffer, add } = feed()
    add(20, 'c', 1000)
    add(10, 'b', 1001)
    add(10, 'a', 1002)
    expect(ids(buffer.advance(1000))).toEqual([])
    expect(ids(buffer.advance(1003))).toEqual(['a', 'b', 'c'])
  })

  it('gives the same order however far one partition of origin is behind another', () => {
    const { buffer, add } = feed()
    for (const at of [50, 51, 52]) add(at, `ahead ${at}`, at, 'k', { partition: 1, offset: at })
    expect(ids(buffer.advance(10))).toEqual([]) // the other partition has come to 10 only
    for (const at of [10, 49, 53]) add(at, `behind ${at}`, at, 'k', { partition: 2, offset: at })
    expect(ids(buffer.advance(53))).toEqual(['behind 10', 'behind 49', 'ahead 50', 'ahead 51', 'ahead 52'])
    expect(ids(buffer.advance(60))).toEqual(['behind 53'])
  })

  it('returns at once, marked late, what belongs before something released', () => {
    const { buffer, add } = feed()
    add(20, 'b', 0)
    buffer.advance(21)
    expect(add(10, 'a', 5)).toMatchObject({ id: 'a', time: 10, behind: { time: 20, id: 'b' } })
    expect(add(20, 'a', 5)).toMatchObject({ id: 'a', behind: { time: 20, id: 'b' } })
    expect(add(20, 'ba', 5)).toBeUndefined()
    expect(add(19, 'z', 5)).toMatchObject({ behind: { time: 20, id: 'b' } }) // what waits is nowhere yet
    expect(add(20, 'b', 5)).toMatchObject({ id: 'b', behind: { time: 20, id: 'b' } }) // an id that is not known any more
    expect(buffer.advance(21)).toEqual([expect.not.objectContaining({ behind: expect.anything() })])
  })

  it('lets what tells a time to come wait for it: what comes until then is not late', () => {
    const { buffer, add } = feed()
    add(300, 'ahead', 0)
    for (const at of [10, 200]) {
      expect(add(at, `own ${at}`, at)).toBeUndefined()
      expect(ids(buffer.advance(at + 1))).toEqual([`own ${at}`])
    }
    expect(buffer.waiting()).toBe('k')
    expect(ids(buffer.advance(301))).toEqual(['ahead'])
  })

  it('keeps order per key: a backfill under another key is not late', () => {
    const { buffer, add } = feed()
    add(1000, 'now', 0)
    expect(ids(buffer.advance(1001))).toEqual(['now'])
    expect(add(1, 'long ago', 5, 'other')).toBeUndefined()
  })

  it('drops what was sent on twice, however long ago, and takes one event under several keys', () => {
    const { buffer, add } = feed()
    for (const [offset, key] of [
      [7, 'k'],
      [7, 'other'],
      [8, 'k'],
      [7, 'k'],
      [7, 'other'],
      [8, 'k'],
      [8, 'other'],
    ] as const)
      // prettier-ignore
      add(offset, `${offset} ${key}`, offset, key, { partition: 2, offset })
    add(7, 'elsewhere', 7, 'k', { partition: 3, offset: 7 })
    expect(ids(buffer.advance(100)).sort()).toEqual(['7 k', '7 other', '8 k', '8 other', 'elsewhere'])
  })

  it('keeps a bounded number waiting', () => {
    const { buffer, add } = feed()
    for (let i = 0; i < MAX_WAITING; i++) add(i, `e${i}`, i, `key-${i}`)
    expect(buffer.relieve()).toEqual([])
    add(MAX_WAITING, 'one more', MAX_WAITING)
    const relieved = ids(buffer.relieve())
    expect(relieved[0]).toBe('e0')
    expect(relieved.length).toBeLessThanOrEqual(MAX_WAITING / 10 + 1)
    expect(buffer.relieve()).toEqual([])
  })

  it('remembers the order of a silent key for as long as anything reaches back to it', () => {
    const { buffer, add } = feed()
    add(20, 'b', 1000)
    buffer.sweep(5000, reach) // it waits
    add(2000, 'told at once', 1000, 'other')
    expect(ids(buffer.advance(2001))).toEqual(['b', 'told at once'])
    buffer.sweep(HOUR + 1100, reach)
    expect(add(10, 'a', 1050)).toMatchObject({ behind: { id: 'b' } })
    buffer.sweep(HOUR + 1151, reach)
    expect(add(10, 'first again', 1151)).toBeUndefined()
    buffer.sweep(HOUR + 2100, reach)
    expect(add(10, 'a', 2100, 'other')).toMatchObject({ behind: { time: 2000 } })
    buffer.sweep(HOUR + 2201, reach)
    expect(add(10, 'first again', 2201, 'other')).toBeUndefined()
  })

  it('remembers it an hour from the place where what came late was judged', () => {
    const { buffer, add } = feed()
    add(9000, 'b', 1000)
    buffer.advance(9001)
    expect(add(10, 'a', 1050)).toMatchObject({ behind: { id: 'b' } })
    buffer.sweep(HOUR + 9100, reach)
    expect(add(8000, 'c', HOUR + 9100)).toMatchObject({ behind: { id: 'b' } })
  })

  it('asks how far rules reach when it is about to forget, each for what it was told of', () => {
    const { buffer, add } = feed()
    add(20, 'b', 1000)
    buffer.add({ key: 'k', time: 30, id: 'c', receivedAt: 500, item: 'c' }, { partition: 1, offset: 0 }, ['s'])
    expect(ids(buffer.advance(1001))).toEqual(['b', 'c'])
    const reaches = (r: number, s: number) => (rules?: readonly string[]) => (rules?.includes('r') ? r : s)
    buffer.sweep(HOUR + 2000, reaches(1000, 0))
    buffer.sweep(HOUR + 2500, reaches(1500, 9000)) // nothing of what `s` was told of mattered to it any more
    expect(add(10, 'a', 2500)).toMatchObject({ behind: { id: 'c' } })
    buffer.sweep(HOUR + 9000, reaches(100, 9000))
    expect(add(10, 'first again', 9000)).toBeUndefined()
  })

  it('reads what 0.1.0 remembered, which did not say for which rules: for as long as any reaches', () => {
    const { buffer, add } = feed()
    const restored = (): void => buffer.restore({ waiting: [], keys: [['k', { time: 20, id: 'b' }, 1000]] })
    const furthest = (rules?: readonly string[]): number => (rules ? 0 : 86_400_000)
    restored()
    buffer.sweep(90_001_000, furthest)
    expect(add(10, 'a', 5)).toMatchObject({ behind: { id: 'b' } })
    buffer.sweep(90_001_001, furthest)
    expect(add(10, 'first again', 5)).toBeUndefined()
  })

  it('goes on after a snapshot as if nothing had happened', () => {
    const { buffer, add } = feed()
    add(20, 'b', 0)
    add(10, 'a', 5)
    const restored = new ReleaseBuffer<string>()
    restored.restore(JSON.parse(JSON.stringify(buffer.snapshot())))
    const again = feed(restored)
    again.add(15, 'between', 6, 'k', { partition: 0, offset: 9 })
    expect(ids(restored.advance(21))).toEqual(['a', 'between', 'b'])
    const later = new ReleaseBuffer<string>()
    later.restore(JSON.parse(JSON.stringify(restored.snapshot())))
    expect(feed(later).add(12, 'late', 2000, 'k', { partition: 0, offset: 10 })).toMatchObject({ behind: { time: 20 } })
    expect(feed(later).add(99, 'again', 2000, 'k', { partition: 0, offset: 9 })).toBeUndefined()
    expect(ids(later.advance(9000))).toEqual([])
  })
})
