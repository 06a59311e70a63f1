import { describe, expect, it } from '@jest/globals'
import { problems } from '@custodia/contracts'
import { en } from './en/index.js'
import { preferredLocale } from './locale.js'
import { zhCN } from './zh-CN/index.js'

const flat = (texts: object, prefix = ''): [string, string][] =>
  Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flat(value as object, `${prefix}${key}.`),
  )
const slots = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort()
const english = new Map(flat(en))
const chinese = new Map(flat(zhCN))

describe('texts', () => {
  it('both languages have the same keys', () => expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort()))
  it('no text is empty', () => {
    expect([...english, ...chinese].filter(([, text]) => text.trim() === '')).toEqual([])
  })
  it('both languages fill in the same values', () => {
    for (const [key, text] of english) expect([key, slots(chinese.get(key) ?? '')]).toEqual([key, slots(text)])
  })
  it("no sign of the message syntax slips in: @ only as {'@'}", () => {
    expect([...english, ...chinese].filter(([, text]) => /@/.test(text.replaceAll("{'@'}", '')))).toEqual([])
  })
  it('every problem code has a sentence in both languages', () => {
    for (const code of Object.keys(problems)) {
      expect([code, english.has(`problems.${code}`), chinese.has(`problems.${code}`)]).toEqual([code, true, true])
    }
  })
})

describe('language', () => {
  it('a choice wins', () => expect(preferredLocale('en', ['zh-CN'])).toBe('en'))
  it('follows the browser, in its order', () => {
    expect(preferredLocale(null, ['zh-TW', 'en'])).toBe('zh-CN')
    expect(preferredLocale(null, ['fr', 'en-GB', 'zh'])).toBe('en')
    expect(preferredLocale(null, ['fr', 'zh'])).toBe('zh-CN')
  })
  it('otherwise English', () => expect(preferredLocale('xx', ['fr'])).toBe('en'))
})
