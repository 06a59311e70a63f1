import { describe, expect, it } from '@jest/globals'
import { isMarked, marksOf } from './marks.js'

describe('what is remarkable about an event', () => {
  it('is said in the order it is read', () => {
    const all = marksOf({ off_hours: true, moved: ['device', 'network'], run: 7, idle_days: 90, canary: true })
    expect(all.map(({ kind }) => kind)).toEqual(['canary', 'device', 'network', 'off_hours', 'run', 'idle'])
    expect(all.slice(-2).map(({ values }) => values)).toEqual([{ n: 7 }, { n: 90 }])
  })
  it('is nothing about the next customer of a list, or a day away', () => {
    expect(marksOf({ off_hours: false, moved: [], run: 2, idle_days: 1 })).toEqual([])
    expect(isMarked({})).toBe(false)
  })
})
