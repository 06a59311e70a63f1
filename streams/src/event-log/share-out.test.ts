import { describe, expect, it } from '@jest/globals'
import { shareOut } from './share-out.js'

const nobody = Array.from({ length: 6 }, () => null)
const sizes = (shares: (string | undefined)[]) =>
  Object.values(Object.groupBy(shares, (member) => member ?? 'nobody')).map((owned) => owned?.length)

describe('sharing out partitions', () => {
  it('gives everything to the only member, and nothing to nobody', () => {
    expect(shareOut(['a'], nobody)).toEqual(Array.from({ length: 6 }, () => 'a'))
    expect(shareOut([], nobody)).toEqual(Array.from({ length: 6 }, () => undefined))
  })

  it('gives shares that differ by one at most', () => {
    expect(sizes(shareOut(['a', 'b', 'c', 'd'], nobody)).sort()).toEqual([1, 1, 2, 2])
    expect(sizes(shareOut(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], nobody))).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('leaves to members what they own, as far as their share goes', () => {
    const shares = shareOut(['a', 'b'], ['b', 'b', 'b', 'b', 'b', 'b'])
    expect(shares).toEqual(['b', 'b', 'b', 'a', 'a', 'a'])
    expect(
      shareOut(
        ['a', 'b'],
        shares.map((member) => member ?? null),
      ),
    ).toEqual(shares)
  })

  it('takes what members own who are gone', () => {
    expect(shareOut(['a', 'b'], ['a', 'gone', 'a', 'gone', 'b', 'gone'])).toEqual(['a', 'a', 'a', 'b', 'b', 'b'])
  })

  it('comes to rest when members act on it one after the other, in any order, and moves nothing back', () => {
    const members = ['a', 'b', 'c', 'd']
    let seed = 7
    const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n
    for (let round = 0; round < 500; round++) {
      const owners: (string | null)[] = nobody.map(() => [...members, null][random(5)] ?? null)
      const taken = new Set<string>()
      const pending = () =>
        owners.flatMap((owner, partition) => {
          const target = shareOut(members, owners)[partition] ?? null
          return owner === target ? [] : [{ partition, owner, target }]
        })
      for (let moves = pending(); moves.length > 0; moves = pending()) {
        const move = moves[random(moves.length)]
        if (!move) break
        // first its owner lets go, then the one whose it should be takes it
        if (move.owner !== null) expect(taken.has(`${move.owner}/${move.partition}`)).toBe(false)
        else taken.add(`${move.target}/${move.partition}`)
        owners[move.partition] = move.owner === null ? move.target : null
      }
      expect(sizes(owners.map((owner) => owner ?? undefined)).sort()).toEqual([1, 1, 2, 2])
    }
  })
})
