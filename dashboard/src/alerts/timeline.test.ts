import { describe, expect, it } from '@jest/globals'
import type { EventRow } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { doneBy, firstOnDevice, layoutTimeline, oldestFirst, spanOf, stepsOf, ticksOf } from './timeline.js'

const from = Date.parse('2026-03-10T01:00:00.000Z')
const to = Date.parse('2026-03-10T03:00:00.000Z')
const row = (clock: string, over: Partial<EventRow> = {}): EventRow => ({
  ...anAccessEvent({ time: `2026-03-10T${clock}.000Z`, action: 'photo_view' }),
  final_outcome: 'granted',
  ...over,
})

describe('the timeline strip', () => {
  it('gathers events into bins by their minute, and counts the refused ones', () => {
    const events = [row('02:00:00'), row('02:00:59', { final_outcome: 'refused' }), row('02:01:00')]
    const { lanes, most } = layoutTimeline(events, from, to)
    expect(lanes).toEqual([
      {
        lane: 'photo',
        count: 3,
        refused: 1,
        bins: [
          { at: 0.5, from: from + 60 * 60_000, count: 2, refused: 1 },
          { at: 61 / 120, from: from + 61 * 60_000, count: 1, refused: 0 },
        ],
      },
    ])
    expect(most).toBe(2)
  })
  it('has lanes in a fixed order, sign-in first and the freeze last', () => {
    const events = [row('02:03:00', { action: 'freeze' }), row('02:02:00'), row('01:10:00', { action: 'sign_in' })]
    expect(layoutTimeline(events, from, to).lanes.map(({ lane }) => lane)).toEqual(['sign_in', 'photo', 'freeze'])
  })
  it('takes the first instant and leaves out the one after the last', () => {
    const events = [row('01:00:00'), row('00:59:59'), row('03:00:00')]
    expect(layoutTimeline(events, from, to).lanes.map(({ count }) => count)).toEqual([1])
  })
  it('is empty without events', () => expect(layoutTimeline([], from, to)).toEqual({ lanes: [], most: 1 }))
})

describe('the steps of an hour', () => {
  const parts = (events: EventRow[]) =>
    stepsOf(events).map((step) => step.parts.map(({ action, count }) => `${action} ×${count}`).join(', '))

  it('work that alternates is one step; a refusal begins a new one', () => {
    const steps = stepsOf([
      row('02:00:03', { final_outcome: 'refused', verdict_rule: 'bulk-photo-view' }),
      row('02:00:02', { customer_id: 'customer-2' }),
      row('02:00:01', { action: 'view' }),
      row('02:00:00'),
    ])
    expect(steps).toMatchObject([
      {
        parts: [
          { action: 'photo_view', count: 2 },
          { action: 'view', count: 1 },
        ],
        customers: 2,
        refused: false,
        from: '2026-03-10T02:00:00.000Z',
        to: '2026-03-10T02:00:02.000Z',
      },
      { parts: [{ action: 'photo_view', count: 1 }], refused: true, reason: 'bulk-photo-view' },
    ])
  })
  it('sign-ins, freezes and exports stand for themselves', () => {
    expect(
      parts([
        row('01:51:00', { action: 'sign_in' }),
        row('01:51:01', { action: 'sign_in' }),
        row('02:00:00'),
        row('02:00:01', { action: 'export' }),
        row('02:00:02', { action: 'view' }),
        row('02:00:03', { action: 'freeze' }),
      ]),
    ).toEqual(['sign_in ×2', 'photo_view ×1', 'export ×1', 'view ×1', 'freeze ×1'])
  })
  it('a pause begins a new one', () => {
    expect(parts([row('02:00:00'), row('02:04:59'), row('02:09:59')])).toEqual(['photo_view ×2', 'photo_view ×1'])
  })
  it('flags a new device once, at its first event', () => {
    const news = { new_device: true, device: 'd1' }
    const events = [row('02:00:01', news), row('01:51:00', { ...news, action: 'sign_in' })]
    expect(stepsOf(events).map(({ newDevice }) => newDevice)).toEqual([true, false])
    expect([...firstOnDevice(events)]).toEqual([events[1]?.id])
  })
  it('does not depend on the order of arrival', () => {
    const events = [row('02:00:01'), row('02:00:02'), row('02:00:02', { action: 'search' })]
    expect(stepsOf(events.toReversed())).toEqual(stepsOf(events))
    expect(oldestFirst(events.toReversed())).toEqual(oldestFirst(events))
  })
})

describe('whose hour it is', () => {
  it('keeps the freeze by somebody else and leaves out a colleague who looked', () => {
    const events = [
      row('02:00:00'),
      row('02:00:01', { actor: 'system', subject: 'clerk-1', action: 'freeze' }),
      row('02:00:02', { actor: 'analyst-1', subject: 'clerk-1', action: 'view' }),
    ]
    expect(doneBy(events, 'clerk-1').map(({ action }) => action)).toEqual(['photo_view', 'freeze'])
  })
})

describe('the axis', () => {
  it('has round times, few enough to read', () => {
    const ticks = ticksOf(from + 7 * 60_000, to)
    expect(ticks.length).toBeLessThanOrEqual(9)
    expect(ticks.every(({ time }) => time % (15 * 60_000) === 0)).toBe(true)
  })
  it('counts seconds where the strip is short', () => {
    expect(ticksOf(from, from + 120_000).map(({ time }) => time - from)).toEqual(
      [0, 15, 30, 45, 60, 75, 90, 105, 120].map((seconds) => seconds * 1000),
    )
  })
  it('cuts a freeze to what the strip shows', () => {
    expect(spanOf(from + 60 * 60_000, to + 1, from, to)).toEqual({ at: 0.5, width: 0.5 })
    expect(spanOf(to, to + 1, from, to)).toBeUndefined()
  })
})
