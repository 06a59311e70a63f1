import { describe, expect, it } from '@jest/globals'
import { type Random, seeded } from '../../testing/random.js'
import { LineScanner } from './line-scanner.js'
import { wordsOf } from './words.js'

const asked = ['id', 'a', 'actor', 'name', 'a.b', 'é', '']
const keys = [...asked, 'b', 'abc', 'abcd', 'abcde', 'actors', 'user_agent', '漢']
const values = [
  ...['', 'x', 'abc', 'abcd', 'abcde', 'é漢😀', 'a"b', 'a\\b', 'tab\t', 'a}b,c:d', '\u0001', '\u007f'],
  ...[0, -1, 12.5, 1e21, -2.5e-7, true, false, null, [], {}, [1, ['"]']], { a: { b: '}' } }],
]

const aLine = (random: Random): string => {
  const order = random.chance(0.5) ? keys : [...keys].sort(() => random.below(3) - 1)
  const members = order.filter(() => random.chance(0.7))
  if (random.chance(0.1)) members.push(random.pick(keys))
  const blank = () => (random.chance(0.1) ? random.pick([' ', '\t', '\r', '  ']) : '')
  const written = members.map((key) => {
    const value = JSON.stringify(random.pick(values))
    return `${blank()}${JSON.stringify(key)}${blank()}:${blank()}${value}${blank()}`
  })
  return `${blank()}{${written.join()}}${blank()}`
}

const changed = (random: Random, line: string): string => {
  const at = random.below(line.length)
  const sign = random.chance(0.7) ? random.pick([...'{}[]":,\\ue0.-+t \u0001é']) : ''
  return Buffer.from(line.slice(0, at) + sign + line.slice(at + random.below(2))).toString()
}

const parsed = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

describe('values found in the bytes of lines', () => {
  it.each([1, 2, 3])('are those that JSON.parse finds, and what it refuses is not read (seed %i)', (seed) => {
    const random = seeded(seed)
    const scanner = new LineScanner(asked)
    let read = 0
    for (let round = 0; round < 3000; round++) {
      const line = random.chance(0.7) ? aLine(random) : changed(random, aLine(random))
      const whole = parsed(line)
      const before = random.pick(['', 'x', 'xy', 'xyz'])
      const { bytes, words } = wordsOf(Buffer.from(`${before}${line}\n`))
      const end = scanner.scan(bytes, words, before.length)
      if (end < 0) continue
      read++
      if (whole === undefined || Array.isArray(whole)) throw new Error(`read what is no event: ${line}`)
      expect(bytes.toString('utf8', before.length, end)).toBe(line)
      const found = asked.map((_, column) => {
        const start = scanner.starts[column] as number
        return start < 0 ? undefined : (JSON.parse(bytes.toString('utf8', start, scanner.ends[column])) as unknown)
      })
      expect([line, found]).toEqual([line, asked.map((key) => (Object.hasOwn(whole, key) ? whole[key] : undefined))])
    }
    expect(read).toBeGreaterThan(2000)
  })

  it('are read from more different keys than are remembered', () => {
    const scanner = new LineScanner(['k9999'])
    const wrong: number[] = []
    for (let n = 0; n < 9999; n++) {
      const { bytes, words } = wordsOf(Buffer.from(`{"k${n}":1,"k9999":${n}}\n`))
      const end = scanner.scan(bytes, words, 0)
      const found = bytes.toString('utf8', scanner.starts[0], scanner.ends[0])
      if (end !== bytes.indexOf(10) || found !== String(n)) wrong.push(n)
    }
    expect(wrong).toEqual([])
  })
})
