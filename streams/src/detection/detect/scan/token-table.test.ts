import { describe, expect, it } from '@jest/globals'
import { seeded } from '../../testing/random.js'
import { TokenTable } from './token-table.js'
import { wordsOf } from './words.js'

describe('numbers for values', () => {
  it('are the same for the same bytes, wherever they stand, and differ for any others', () => {
    const random = seeded(5)
    const table = new TokenTable()
    const tokens = new Map<number, string>()
    const wrong: string[] = []
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: random.below(9) }, () => random.pick([...'ab012é'])).join('')
      const token = JSON.stringify(random.chance(0.2) ? random.below(5000) : text)
      const before = random.pick(['', '1', '12', '123'])
      const { bytes, words } = wordsOf(Buffer.from(before + token + random.pick(['', ',', '}\n'])))
      const number = table.numberOf(bytes, words, before.length, Buffer.byteLength(before + token))
      const known = tokens.get(number) ?? token
      if (known !== token || table.values[number] !== JSON.parse(token)) wrong.push(`${token} as ${known}`)
      tokens.set(number, token)
    }
    expect(wrong).toEqual([])
    expect(tokens.size).toBe(new Set(tokens.values()).size)
  })
})
