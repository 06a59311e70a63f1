import { describe, expect, it } from '@jest/globals'
import { beginningOf, replayWindow, type LogNow } from './beginning.js'

const now: LogNow = {
  log: 'this log',
  alerts: { start: 0, end: 20_000 },
  accounts: { start: 0, end: 300 },
  recorded: 19_990,
}
const cursor = (alerts: number, accounts = 300, log = 'this log') => ({ log, alerts, accounts })
const anew = { cursor: cursor(19_990), resumed: false }

describe('where a connection goes on', () => {
  it('is the cursor, from the end back to the replay window', () => {
    for (const given of [cursor(20_000), cursor(19_000, 0), cursor(20_000 - replayWindow)])
      expect(beginningOf(given, now)).toEqual({ cursor: given, resumed: true })
  })
  it('is where PostgreSQL has everything before, without a cursor, and after having missed too much', () => {
    expect(beginningOf(undefined, now)).toEqual(anew)
    expect(beginningOf(cursor(20_000 - replayWindow - 1), now)).toEqual(anew)
  })
  it('is the same for a place that is not in this log: past its end, aged out, or counted in another one', () => {
    expect(beginningOf(cursor(20_001), now)).toEqual(anew)
    expect(beginningOf(cursor(20_000, 301), now)).toEqual(anew)
    expect(beginningOf(cursor(20_000, 300, 'another log'), now)).toEqual(anew)
    const aged = { ...now, alerts: { start: 19_500, end: 20_000 } }
    expect(beginningOf(cursor(19_499), aged)).toEqual(anew)
  })
  it('tells what a response that is far behind has not recorded, up to the window', () => {
    expect(beginningOf(undefined, { ...now, recorded: 15_000 }).cursor.alerts).toBe(15_000)
    expect(beginningOf(undefined, { ...now, recorded: 0 }).cursor.alerts).toBe(10_000)
  })
})
