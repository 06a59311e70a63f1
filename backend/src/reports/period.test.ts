import { describe, expect, it } from '@jest/globals'
import { isTimeZone, nextBoundary, periodBefore } from './period.js'

const at = (iso: string) => new Date(iso)

describe('report periods', () => {
  it('a week begins on Monday at midnight of its zone', () => {
    expect(nextBoundary('week', 'Asia/Shanghai', at('2026-11-22T15:59:59.999Z'))).toEqual(at('2026-11-22T16:00:00Z'))
    expect(nextBoundary('week', 'Asia/Shanghai', at('2026-11-22T16:00:00Z'))).toEqual(at('2026-11-29T16:00:00Z'))
  })

  it('a month is a calendar month, in a leap year too', () => {
    expect(periodBefore('month', 'Asia/Shanghai', at('2028-02-29T16:00:00Z'))).toEqual({
      from: at('2028-01-31T16:00:00Z'),
      to: at('2028-02-29T16:00:00Z'),
    })
  })

  it('a week keeps its midnights when the clocks change inside it', () => {
    const { from } = periodBefore('week', 'America/New_York', at('2026-11-02T05:00:00Z'))
    expect(from).toEqual(at('2026-10-26T04:00:00Z'))
  })

  it('knows zones by their IANA names only', () => {
    expect(isTimeZone('Asia/Shanghai')).toBe(true)
    expect(isTimeZone('Beijing')).toBe(false)
  })
})
