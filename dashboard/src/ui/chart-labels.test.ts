import { describe, expect, it } from '@jest/globals'
import { spread, widestOf } from './chart-labels.js'

describe('labels at the ends of lines', () => {
  it('stand where their lines end', () => {
    expect(spread([20, 80, 50], 100)).toEqual([20, 80, 50])
  })

  it('make room where lines end at the same height', () => {
    expect(spread([100, 100, 95], 100)).toEqual([86, 100, 72])
    expect(spread([60, 50], 100)).toEqual([60, 46])
  })

  it('get as much room as the longest needs', () => {
    expect(widestOf([])).toBe(0)
    expect(widestOf(['生效版本', 'in force'])).toBe(52)
    expect(widestOf(['此版本'])).toBe(36)
  })
})
