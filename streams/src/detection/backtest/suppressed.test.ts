import { describe, expect, it } from '@jest/globals'
import { Suppressed } from './suppressed.js'

const group = (key: string, last: number, over = {}) => ({
  key,
  last,
  last_pos: 7,
  certain: true,
  alerted: last,
  ...over,
})

describe('what a stretch is told of the groups before it', () => {
  it('is how each ended, for as long as its suppression lasts', () => {
    const suppressed = new Suppressed(100)
    const [a, b] = [group('a', 1000, { alerted: 950 }), group('b', 1050, { certain: false })]
    for (const one of [a, b]) suppressed.add(one)
    expect(suppressed.at(1060)).toEqual([a, b])
    expect(suppressed.at(1100)).toEqual([b])
    expect(suppressed.at(1150)).toEqual([])
  })

  it('is what came last of an account that was lifted in between', () => {
    const suppressed = new Suppressed(100)
    for (const one of [{ last_pos: 9 }, { last_pos: 8 }]) suppressed.add(group('a', 1000, one))
    suppressed.add(group('a', 900))
    expect(suppressed.at(1001)).toEqual([group('a', 1000, { last_pos: 9 })])
  })

  it('is refused where a statement has no room for it', () => {
    const suppressed = new Suppressed(100)
    for (let n = 0; n <= 40_000; n++) suppressed.add(group(String(n), 1000))
    expect(() => suppressed.at(1001)).toThrow('take a shorter period')
  })
})
