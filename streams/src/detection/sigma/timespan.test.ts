import { expect, it } from '@jest/globals'
import { parseTimespan } from './timespan.js'

it('reads timespans, and nothing else', () => {
  expect(['90s', '10m', '2h', '1d', '1w', '1M', '1y'].map(parseTimespan)).toEqual([
    90, 600, 7200, 86_400, 604_800, 2_629_746, 31_556_952,
  ])
  for (const text of ['', '10', 'm', '1.5h', '-1m', '10 m', '1H', '1ms']) expect(parseTimespan(text)).toBeUndefined()
})
