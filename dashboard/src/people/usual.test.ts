import { describe, expect, it } from '@jest/globals'
import { stepsAbove, weekOf } from './usual.js'

describe('a usual week', () => {
  it('has seven days of 24 hours, from Monday on', () => {
    const week = weekOf([
      [9, 4, 1],
      [6 * 24 + 23, 2.5, 0],
      [168, 9, 9],
    ])
    expect(week.map((day) => day.length)).toEqual(Array(7).fill(24))
    expect([week[0]?.[9], week[6]?.[23], week.flat().filter(Boolean)]).toEqual([4, 2.5, [4, 2.5]])
  })

  it('is left behind by so many spreads', () => {
    expect(stepsAbove(30, { usual: 9, spread: 3 })).toBe(7)
    expect(stepsAbove(3, { usual: 9, spread: 3 })).toBe(-2)
  })
})
