import { describe, expect, it } from '@jest/globals'
import { toKeep } from './retention.js'

const day = 86_400_000
/** one a day at 02:30, back from 2026-11-22, a Sunday */
const daily = (days: number) =>
  Array.from({ length: days }, (_, i) => {
    const at = new Date(Date.parse('2026-11-22T02:30:00Z') - i * day)
    return { id: at.toISOString().slice(0, 10), at }
  })
const kept = (days: number, keep: Parameters<typeof toKeep>[1]) => [...toKeep(daily(days), keep)].sort()

describe('what is kept of the backups', () => {
  it('the newest of each of so many days, weeks and months', () => {
    expect(kept(400, { daily: 3, weekly: 2, monthly: 3 })).toEqual([
      '2026-09-30', // September
      '2026-10-31', // October
      '2026-11-15', // the Sunday that ended last week
      '2026-11-20',
      '2026-11-21',
      '2026-11-22', // today: newest of its day, week and month
    ])
  })

  it('seven, four and twelve are at most twenty-one backups of a year', () => {
    const all = kept(800, { daily: 7, weekly: 4, monthly: 12 })
    expect(all.length).toBeLessThanOrEqual(23)
    expect(all[0]).toBe('2025-12-31')
  })

  it('everything while there are fewer than that', () => {
    expect(kept(5, { daily: 7, weekly: 4, monthly: 12 })).toHaveLength(5)
  })

  it('the newest, whatever the numbers', () => {
    expect(kept(5, { daily: 0, weekly: 0, monthly: 0 })).toEqual(['2026-11-22'])
    expect(kept(0, { daily: 7, weekly: 4, monthly: 12 })).toEqual([])
  })

  it('of several of one day the last', () => {
    const twice = ['01', '13', '07'].map((hour) => ({ id: hour, at: new Date(`2026-11-22T${hour}:00:00Z`) }))
    expect([...toKeep(twice, { daily: 7, weekly: 4, monthly: 12 })]).toEqual(['13'])
  })

  it('days without a backup are not counted', () => {
    const sparse = daily(100).filter((_, i) => i % 10 === 0)
    expect([...toKeep(sparse, { daily: 3, weekly: 0, monthly: 0 })]).toEqual(['2026-11-22', '2026-11-12', '2026-11-02'])
  })
})
