import { describe, expect, it } from '@jest/globals'
import { seeded } from '../testing/random.js'
import { type Entry, EntryPool } from './entry-pool.js'
import { MAX_ENTRIES, SlidingWindow } from './sliding-window.js'
import type { WindowShape } from './sliding-window.js'
import { textsAlone } from './memory.js'

const nothing = (): void => undefined
const memory = textsAlone()
const counting = (spanMs: number): WindowShape => ({
  spanMs,
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

  it('knows where something is missing, for as long as a window reaches back to it', () => {
    const shape = { ...counting(100), maxEntries: 3 }
    const window = new SlidingWindow(shape)
    for (const time of [10, 20, 30]) window.insert(time, idOf(`e${time}`), 0)
    expect(window.isCutAt(30)).toBe(false)
    window.insert(40, idOf('e40'), 0)
    const again = SlidingWindow.restore(shape, window.snapshot(), idOf, window.cutUntil)
    for (const one of [window, again])
      expect([40, 110, 111].map((time) => one.isCutAt(time))).toEqual([true, true, false])
    expect(shape.pool.forgotten).toBe(1)
  })

  it.each([1, 2, 3, 4, 5])('agrees with counting by hand, through restores at any moment (seed %d)', (seed) => {
    const random = seeded(seed)
    const shape = counting(100)
    let window = new SlidingWindow(shape)
    const all: number[] = []
    let time = 0
    for (let i = 0; i < 2000; i++) {
      time += random.below(20)
      if (random.chance(0.02)) window = SlidingWindow.restore(shape, window.snapshot(), idOf)
      if (random.chance(0.1)) window.peek([at(time)], time)
      all.push(time)
      expect(counted(window, time)).toBe(all.filter((other) => other >= time - 100).length)
    }
    expect(window.snapshot().length).toBeLessThan(100)
    window.clear()
    expect(window.snapshot()).toEqual([])
  })
})
