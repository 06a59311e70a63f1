import { describe, expect, it } from '@jest/globals'
import { endOfDay, instantOf, wallTime } from './zoned-time.js'

describe('times as they are typed', () => {
  it('belong to the zone of the system', () => {
    expect(instantOf('2026-11-22 14:05', 'Asia/Shanghai')).toBe('2026-11-22T06:05:00.000Z')
    expect(instantOf('2026-11-22 14:05', 'UTC')).toBe('2026-11-22T14:05:00.000Z')
    expect(endOfDay('2027-03-31', 'Asia/Shanghai')).toBe('2027-03-31T15:59:59.000Z')
  })
  it('keep their hour on both sides of a clock change', () => {
    expect(instantOf('2026-03-29 01:30', 'Europe/Berlin')).toBe('2026-03-29T00:30:00.000Z')
    expect(instantOf('2026-03-29 03:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
  })
  it('come back as they were', () => {
    const at = Date.parse('2026-11-22T16:30:59.999Z')
    expect(wallTime(at, 'Asia/Shanghai')).toBe('2026-11-23 00:30')
    expect(instantOf(wallTime(at, 'Asia/Shanghai'), 'Asia/Shanghai')).toBe('2026-11-22T16:30:00.000Z')
  })
  it('are nothing when they are no time', () => expect(instantOf('tomorrow', 'UTC')).toBeUndefined())
})
