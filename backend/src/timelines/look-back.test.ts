import { describe, expect, it } from '@jest/globals'
import { boundsOf, madeAt, placesOf, type EventFilter } from './event-conditions.js'
import { nextLength, stretchBefore } from './look-back.js'

const hour = 3_600_000
const now = Date.parse('2026-03-10T02:00:00.000Z')

const step = { length: hour, tookMs: 10, covered: hour, found: 0 }

describe('looking back', () => {
  it('goes six times as far while nothing is found and looking is quick', () => {
    expect(nextLength(step)).toBe(6 * hour)
  })
  it('goes no further than what is missing should need', () => {
    expect(nextLength({ ...step, length: 30 * hour, covered: 36 * hour, found: 0.9 })).toBeCloseTo(6 * hour)
    expect(nextLength({ ...step, found: 0.999 })).toBe(hour)
  })
  it('takes shorter steps where looking is slow', () => {
    expect(nextLength({ ...step, length: 100 * hour, tookMs: 400 })).toBe(100 * hour)
    expect(nextLength({ ...step, length: 100 * hour, tookMs: 5_000 })).toBe(50 * hour)
  })
  it('reaches over ten years in few steps', () => {
    let [covered, length, steps] = [0, hour, 0]
    for (; covered < 87_600 * hour; steps++) {
      covered += length
      length = nextLength({ ...step, length, covered })
    }
    expect(steps).toBeLessThan(9)
  })
  it('ends exactly where it may; what lies ahead of the clock belongs to the first stretch', () => {
    const at = { since: now - 2 * hour, now }
    expect(stretchBefore(Infinity, hour, at)).toEqual({ since: now - hour, until: Infinity })
    expect(stretchBefore(now - hour, 6 * hour, at)).toEqual({ since: now - 2 * hour, until: now - hour })
  })
})

describe('where an event can be', () => {
  const id = '019cd588-2d00-7000-8000-000000000001'
  const made = madeAt(id) ?? 0

  it('an id of ours says when', () => {
    expect(boundsOf({ id })).toEqual({ from: made - 24 * hour, to: made + 24 * hour })
    expect(boundsOf({ ids: [id, 'crm:17'] })).toEqual({ from: -Infinity, to: Infinity })
  })
  it('nothing names an id before it was made', () => {
    expect(boundsOf({ text: id })).toEqual({ from: made - 24 * hour, to: Infinity })
    expect(boundsOf({ text: 'crm:17' })).toEqual({ from: -Infinity, to: Infinity })
  })
  it('what was asked for narrows it further', () => {
    const from = new Date(made).toISOString()
    expect(boundsOf({ id, from })).toEqual({ from: made, to: made + 24 * hour })
  })
})

describe('the conditions of a search', () => {
  it('hold parameters and never values', () => {
    const nasty = `'; drop table access_events --`
    const all = { actor: nasty, customer_id: nasty, action: nasty, ip: nasty, purpose: nasty, rule: nasty, text: nasty }
    const { table, where } = placesOf({ ...all, id: nasty, ids: [nasty], outcome: 'refused' })
    expect([table, ...where].join(' ')).not.toContain('drop')
  })
  it('a customer’s are read where they lie together, unless a filter needs what only the whole rows have', () => {
    const tableOf = (filter: EventFilter) => placesOf({ customer_id: 'c', ...filter }).table
    expect(tableOf({ action: 'view', outcome: 'refused', purpose: 'contract' })).toBe('accesses_by_customer')
    expect([tableOf({ actor: 'a' }), tableOf({ ip: '::1' }), placesOf({ action: 'view' }).table]).toEqual(
      Array(3).fill('access_events'),
    )
  })
  it('an outcome that does not exist finds nothing', () => {
    expect(placesOf({ outcome: `granted' or true --` }).where).toContain('false')
  })
})
