import { describe, expect, it } from '@jest/globals'
import { noteParts, perDayOf } from './report-wish.js'

describe('the chart per day', () => {
  const per_day = [{ day: '2026-11-21', granted: 5, refused: 1 }]
  it('shows quiet days as zeros', () => {
    expect(perDayOf({ per_day }, ['2026-11-20', '2026-11-21'])).toEqual([
      { day: '2026-11-20', granted: 0, refused: 0 },
      { day: '2026-11-21', granted: 5, refused: 1 },
    ])
  })
  it('shows only days with events when there are too many', () => {
    expect(perDayOf({ per_day }, ['2026-11-20', '2026-11-21'], 1)).toEqual(per_day)
  })
})

describe('what was done about an anomaly', () => {
  it('is told in parts, with moments to show in the reader’s zone', () => {
    const note =
      'acknowledged; frozen until 2026-11-22T05:34:56.733Z; lifted 2026-11-22T05:00:00.000Z: month-end; agreed'
    expect(noteParts(note)).toEqual([
      { what: 'state', state: 'acknowledged' },
      { what: 'frozen', at: '2026-11-22T05:34:56.733Z' },
      { what: 'lifted', at: '2026-11-22T05:00:00.000Z', text: 'month-end' },
      { what: 'text', text: 'agreed' },
    ])
  })
  it('has the verdict of a closed alert', () =>
    expect(noteParts('closed: benign')).toEqual([{ what: 'state', state: 'closed', verdict: 'benign' }]))
  it('keeps what it does not know as it is', () => expect(noteParts('told')).toEqual([{ what: 'text', text: 'told' }]))
})
