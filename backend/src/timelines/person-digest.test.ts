import { describe, expect, it } from '@jest/globals'
import type { EventRow } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { digestOf } from './person-digest.js'

const row = (clock: string, over: Partial<EventRow> = {}): EventRow => ({
  ...anAccessEvent({ time: `2026-03-10T${clock}:00.000Z`, device: 'office', ip: '10.0.0.1', country: 'CN' }),
  final_outcome: 'granted',
  ...over,
})

describe('the hours of a person', () => {
  const events = [
    row('04:30', { device: 'phone', new_device: true, ip: '203.0.113.9', country: 'SG', user_agent: 'Mobile' }),
    row('03:00'),
    row('02:45', { actor: 'analyst-1', subject: 'clerk-1', action: 'freeze', device: 'desk' }),
    row('02:10'),
    row('02:00'),
  ]
  const digest = digestOf(events, 'clerk-1')

  it('have devices and places, with when they were seen first and last', () => {
    expect(digest.devices).toEqual([
      { device: 'office', user_agent: undefined, new: false, ...span('02:00', '03:00', 3) },
      { device: 'phone', user_agent: 'Mobile', new: true, ...span('04:30', '04:30', 1) },
    ])
    expect(digest.places).toMatchObject([
      { ip: '10.0.0.1', country: 'CN', events: 3 },
      { ip: '203.0.113.9', country: 'SG', events: 1 },
    ])
  })
  it('have gaps where nothing was done, whatever others did meanwhile', () => {
    expect(digest.gaps).toEqual([
      { from: '2026-03-10T02:10:00.000Z', to: '2026-03-10T03:00:00.000Z' },
      { from: '2026-03-10T03:00:00.000Z', to: '2026-03-10T04:30:00.000Z' },
    ])
  })
  it('are empty for somebody who did nothing', () => {
    expect(digestOf(events, 'nobody')).toEqual({ devices: [], places: [], gaps: [] })
  })
})

function span(first: string, last: string, events: number) {
  return { first: `2026-03-10T${first}:00.000Z`, last: `2026-03-10T${last}:00.000Z`, events }
}
