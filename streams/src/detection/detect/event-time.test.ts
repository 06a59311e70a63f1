import { describe, expect, it } from '@jest/globals'
import { readEventTime } from './event-time.js'

const at = Date.UTC(2026, 2, 5, 6, 7, 8)

describe('the time of an event', () => {
  it.each([
    ['2026-03-05T06:07:08Z', at],
    ['2026-03-05T06:07:08.250Z', at + 250],
    ['2026-03-05T06:07:08.000250Z', at + 0.25],
    ['2026-03-05 06:07:08', at],
    ['2026-03-05T14:07:08+08:00', at],
    ['2026-03-05T04:07:08-0200', at],
    ['2026-03-05T06:07:08,5 UTC', at + 500],
    ['2026-03-05', Date.UTC(2026, 2, 5)],
    [at, at],
    [at / 1000, at],
    [`${at / 1000}`, at],
    [at * 1000, at],
    [at * 1e6, at],
  ])('%s', (written, expected) => expect(readEventTime(written)).toBe(expected))

  it.each(['', 'yesterday', '2026-02-30T00:00:00Z', '2026-03-05T24:00:00Z', '05/03/2026', null, true, {}])(
    'is not %s',
    (written) => expect(readEventTime(written)).toBeUndefined(),
  )
})
