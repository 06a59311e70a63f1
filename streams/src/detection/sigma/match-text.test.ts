import { describe, expect, it } from '@jest/globals'
import { matchAnyText } from './match-text.js'
import { matches } from './testing/index.js'
import { ANY, ONE, parseText } from './text.js'

const is = (pattern: string, text: string, cased = false) => matchAnyText([parseText(pattern)], cased)(text)

describe('text', () => {
  it('reads wildcards and escapes', () => {
    expect(parseText('a*b?')).toEqual(['a', ANY, 'b', ONE])
    expect(parseText('a\\*\\?')).toEqual(['a*?'])
    expect(parseText('a\\\\*')).toEqual(['a\\', ANY])
    expect(parseText('a\\\\\\*')).toEqual(['a\\*'])
    expect(parseText('C:\\x\\\\y\\')).toEqual(['C:\\x\\y\\'])
    expect(parseText('\\\\\\x')).toEqual(['\\\\x'])
    expect(parseText('\\\\\\\\x')).toEqual(['\\\\x'])
  })

  it('matches wildcards over the whole text', () => {
    expect(is('a*c', 'abc')).toBe(true)
    expect(is('a*c', 'abcd')).toBe(false)
    expect(is('a*bc*c', 'abc')).toBe(false)
    expect(is('*a*b', 'xaxbxb')).toBe(true)
    expect(is('a?c', 'a\nc')).toBe(true)
    expect(is('a?c', 'ac')).toBe(false)
    expect(is('?', '𠮷')).toBe(true)
    expect(is('*?b*', 'b')).toBe(false)
    expect(is('*?b*', 'ab')).toBe(true)
    expect(is('a*?', 'a')).toBe(false)
    expect(is('https://x-y?z*', 'HTTPS://X-Y.Z/1')).toBe(true)
    expect(is('*', '')).toBe(true)
    expect(is('a*a', 'a')).toBe(false)
  })

  it('takes linear time, whatever the wildcards', () => {
    expect(is(`${'*a'.repeat(30)}*b`, 'a'.repeat(20_000))).toBe(false)
  })

  it('ignores case in every language, unless cased', () => {
    expect(is('MÜNCHEN', 'münchen')).toBe(true)
    expect(is('ПРИВЕТ*', 'привет, мир')).toBe(true)
    expect(is('straße', 'STRASSE')).toBe(false)
    expect(is('k', '\u212a')).toBe(true)
    expect(is('Ab', 'ab', true)).toBe(false)
  })

  it('compares numbers and texts', () => {
    expect(matches('id', '529', { id: '529' })).toBe(true)
    expect(matches('id', "'529'", { id: 529 })).toBe(true)
    expect(matches('id', "'52*'", { id: 529 })).toBe(true)
    expect(matches('id', '1.0', { id: 1 })).toBe(true)
    expect(matches('on', 'true', { on: 'True' })).toBe(true)
    expect(matches('on', "'true'", { on: true })).toBe(true)
    expect(matches('on', 'true', { on: 1 })).toBe(false)
  })
})
