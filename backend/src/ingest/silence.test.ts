import { describe, expect, it } from '@jest/globals'
import { isSilent } from './silence.service.js'

const hour = 3_600_000
const day = 24 * hour
const source = (over: object) => ({ source: 'crm', first: 0, last: 5 * day, longest: hour, told: 0, ...over })

describe('a source', () => {
  it('is silent after twice the longest pause of its past', () => {
    expect(isSilent(5 * day + 2 * hour)(source({}))).toBe(false)
    expect(isSilent(5 * day + 2 * hour + 1)(source({}))).toBe(true)
  })

  it('that sends once a night is not silent by day', () =>
    expect(isSilent(5 * day + 30 * hour)(source({ longest: day }))).toBe(false))

  it('that sends every second is given half an hour', () => {
    expect(isSilent(5 * day + 29 * 60_000)(source({ longest: 60_000 }))).toBe(false)
    expect(isSilent(5 * day + 31 * 60_000)(source({ longest: 60_000 }))).toBe(true)
  })

  it('is told of once, and again after it was heard in between', () => {
    expect(isSilent(6 * day)(source({ told: 5 * day + 3 * hour }))).toBe(false)
    expect(isSilent(6 * day)(source({ told: 4 * day }))).toBe(true)
  })

  it('is not known before a day has passed', () =>
    expect(isSilent(30 * day)(source({ first: 5 * day - hour }))).toBe(false))
})
