import { describe, expect, it } from '@jest/globals'
import { seeded } from '../testing/random.js'
import { InOrder } from './in-order.js'

const ordered = (hold: number, times: number[]): [time: number, line: number][] => {
  const out: [number, number][] = []
  const next = (number: number): void => void out.push([times[number] as number, number + 1])
  const order = new InOrder(hold, next, (number) => number + 1)
  times.forEach((time, number) => order.push(number, time))
  order.end()
  return out
}

describe('events a little out of order', () => {
  it('come in order of time, equals as they came', () => {
    expect(ordered(3, [5, 3, 4, 4, 3.5])).toEqual([
      [3, 2],
      [3.5, 5],
      [4, 3],
      [4, 4],
      [5, 1],
    ])
  })

  it('are as if sorted, whatever the order, while none is further away than what is held back', () => {
    const random = seeded(7)
    const times = Array.from({ length: 5000 }, (_, index) => index + random.below(40))
    const sorted = times.map((time, index): [number, number] => [time, index + 1]).sort(([a], [b]) => a - b)
    expect(ordered(40, times)).toEqual(sorted)
  })

  it('end the run where they cannot be put right any more', () => {
    expect(() => ordered(1, [1, 5, 6, 2])).toThrow('line 4: more than 1 newer events came before')
    expect(() => ordered(0, [1, 1, 2])).not.toThrow()
  })
})
