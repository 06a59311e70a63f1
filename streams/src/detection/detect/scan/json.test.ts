import { describe, expect, it } from '@jest/globals'
import { seeded } from '../../testing/random.js'
import { endOfValue } from './json.js'
import { wordsOf } from './words.js'

const isRead = (text: string): boolean => {
  const given = Buffer.from(`${text}\n`)
  const { bytes, words } = wordsOf(given)
  return endOfValue(bytes, words, 0) === given.length - 1
}
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const values = [
  '""', '"a"', '"\\u00e9\\n\\\\"', '"\\u00zz"', '"\\x"', '"tab\t"', '"\\ud800"', '"é漢"', '"open', '0', '-0', '01', '1.5', '1.',
  '.5', '-', '1e5', '1E+5', '1e', '1.5e-3', '+1', '0x1', 'true', 'truex', 'nul', 'null', 'NaN', '{}', '[]', '[1,]', '[1,2]', '{"a":1}',
  '{"a":1,}', '{"a"}', '{a:1}', '[[[]]]', '{"a":{"b":[1,{"c":"d"}]}}', '[1 , 2 ]', '{ "a" : 1 }', '{]', '[}', "'a'", '',
] // prettier-ignore

describe('JSON read from its bytes', () => {
  it.each(values)('agrees with JSON.parse about %s', (text) => expect(isRead(text)).toBe(isJson(text)))

  it('agrees with JSON.parse about texts with a byte changed, left out or put in', () => {
    const random = seeded(11)
    const signs = [...'{}[]":,\\ue0123.-+tfn \u0001é']
    for (let round = 0; round < 20_000; round++) {
      const text = random.pick(values.filter(isJson))
      const at = random.below(text.length + 1)
      const changed =
        text.slice(0, at) + (random.chance(0.7) ? random.pick(signs) : '') + text.slice(at + random.below(2))
      // blanks around a value are its line's business
      if (changed.trim() === changed) expect([changed, isRead(changed)]).toEqual([changed, isJson(changed)])
    }
  })
})
