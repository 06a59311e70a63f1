import { describe, expect, it } from '@jest/globals'
import { seeded } from '../testing/random.js'
import { type Entry, EntryPool } from './entry-pool.js'
import { MAX_ENTRIES, SlidingWindow } from './sliding-window.js'
import type { WindowShape } from './sliding-window.js'
import { textsAlone } from './memory.js'

const nothing = (): void => undefined
const memory = textsAlone()
const counting = (spanMs: number, graceMs = 0): WindowShape => ({
  spanMs,
  graceMs,
  maxEntries: MAX_ENTRIES,
  aggregate: { add: nothing, remove: nothing, value: ({ count }) => count },
  pool: new EntryPool(memory, 'nothing'),
})
const idOf = (id: string): number => memory.texts.numberOf(id)
const at = (time: number): Entry => ({ time, id: `e${time}`, value: null })
const counted = (window: SlidingWindow, time: number): number | undefined => {
  window.insert(time, idOf(`e${time}`), 0)
  return window.valueAt(time)
}

describe('SlidingWindow', () => {
  it('includes both of its ends', () => {
    const window = new SlidingWindow(counting(100))
    expect([0, 100, 101, 201].map((time) => counted(window, time))).toEqual([1, 2, 2, 2])
  })

  it('counts entries of one moment in their order of arrival', () => {
    const window = new SlidingWindow(counting(100))
    expect([5, 5, 5].map((time) => counted(window, time))).toEqual([1, 2, 3])
  })

  it('judges what comes late by the window that ends there, and counts it from then on', () => {
    const window = new SlidingWindow(counting(100, 100))
    for (const time of [0, 50, 200]) window.insert(time, idOf(`e${time}`), 0)
    expect(counted(window, 120)).toBe(2)
    expect(counted(window, 210)).toBe(3)
  })

  it('peeks without keeping anything', () => {
    const window = new SlidingWindow(counting(100))
    for (const time of [0, 50]) window.insert(time, idOf(`e${time}`), 0)
    expect(window.peek([at(60)], 60)).toBe(3)
    expect(window.valueAt(60)).toBe(2)
    expect(window.peek([at(120)], 120)).toBe(2)
  })

  it('holds a bounded number of entries and says when it is full', () => {
    const window = new SlidingWindow(counting(1_000_000))
    for (let time = 0; time <= MAX_ENTRIES + 5; time++) window.insert(time, idOf(`e${time}`), 0)
    expect(window.valueAt(MAX_ENTRIES + 5)).toBe(MAX_ENTRIES)
    expect(window.isFullAt(MAX_ENTRIES + 5)).toBe(true)
    expect(window.snapshot()).toHaveLength(MAX_ENTRIES)
  })

  it.each([1, 2, 3, 4, 5])('agrees with counting by hand, through restores at any moment (seed %d)', (seed) => {
    const random = seeded(seed)
    const shape = counting(100, 100)
    let window = new SlidingWindow(shape)
    const all: number[] = []
    let newest = 0
    for (let i = 0; i < 2000; i++) {
      newest += random.below(20)
      const time = Math.max(0, newest - (random.chance(0.2) ? random.below(100) : 0))
      if (!window.reaches(time)) continue
      all.push(time)
      if (random.chance(0.02)) window = SlidingWindow.restore(shape, window.snapshot(), idOf)
      if (random.chance(0.1)) window.peek([at(newest)], newest)
      expect(counted(window, time)).toBe(all.filter((other) => other >= time - 100 && other <= time).length)
    }
    expect(window.snapshot().length).toBeLessThan(200)
  })
})
