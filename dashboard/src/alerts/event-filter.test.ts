import { describe, expect, it } from '@jest/globals'
import { canBe, filterOf, sinceMinutes } from './event-filter.js'

describe('the filter of the events page', () => {
  it('takes what is filled in and nothing else', () => {
    expect(filterOf({ actor: ' clerk-1 ', ip: '', action: 'photo_view', other: 'x', outcome: ['a'] })).toEqual({
      actor: 'clerk-1',
      action: 'photo_view',
    })
  })
  it('leaves out a moment that is none', () => {
    expect(filterOf({ from: 'yesterday', to: '2026-03-10T02:00:00.000Z' })).toEqual({ to: '2026-03-10T02:00:00.000Z' })
  })
  it('takes every other field of an event, with a value that it can have', () => {
    const query = { canary: 'true', off_hours: 'perhaps', run: '5', idle_days: 'many', moved: 'network', prev: 'x' }
    expect(filterOf(query)).toEqual({ canary: 'true', run: '5', moved: 'network' })
    expect([canBe('bytes', '-1'), canBe('bytes', '0'), canBe('branch', ' ')]).toEqual([false, true, false])
  })
  it('a stretch until now stays open at its end', () => {
    expect(sinceMinutes(60, Date.parse('2026-03-10T02:00:00.000Z'))).toEqual({ from: '2026-03-10T01:00:00.000Z' })
  })
})
