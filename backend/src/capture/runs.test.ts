import { describe, expect, it } from '@jest/globals'
import { Runs } from './runs.js'

const opened = (...customers: string[]): number[] => {
  const runs = new Runs()
  return customers.map((customer) => runs.open('session', customer))
}

describe('customers opened in a row', () => {
  it('count up in either direction', () => {
    expect(opened('a', 'b', 'c', 'd')).toEqual([1, 2, 3, 4])
    expect(opened('d', 'c', 'b', 'a')).toEqual([1, 2, 3, 4])
  })

  it('begin anew where the direction turns', () =>
    expect(opened('a', 'b', 'c', 'b', 'a', 'z')).toEqual([1, 2, 3, 2, 3, 2]))

  it('count a customer looked at again once', () => expect(opened('a', 'b', 'b', 'b', 'c')).toEqual([1, 2, 2, 2, 3]))

  it('are counted for each session, and forgotten for the ones not heard of longest', () => {
    const runs = new Runs()
    runs.open('one', 'a')
    expect(runs.open('two', 'b')).toBe(1)
    expect(runs.open('one', 'b')).toBe(2)
    for (let n = 0; n < 20_000; n++) runs.open(`other-${n}`, 'a')
    expect(runs.open('one', 'c')).toBe(1)
  })
})
