import { describe, expect, it } from '@jest/globals'
import { compileRegex } from './compile-regex.js'

const finds = (pattern: string, text: string, flags = '') => compileRegex(pattern, flags).test(text)

describe('compileRegex', () => {
  it('searches anywhere, case-sensitive, and follows its flags', () => {
    expect(finds('b+c', 'aabbc')).toBe(true)
    expect(finds('B', 'abc')).toBe(false)
    expect(finds('B', 'abc', 'i')).toBe(true)
    expect(finds('^b', 'a\nb')).toBe(false)
    expect(finds('^b', 'a\nb', 'm')).toBe(true)
    expect(finds('a.b', 'a\nb')).toBe(false)
    expect(finds('a.b', 'a\nb', 's')).toBe(true)
    expect(finds('(?i)ABC', 'xabcx')).toBe(true)
  })

  it('reads what PCRE allows and JavaScript does not', () => {
    expect(finds('\\-H\\s\\"x\\"', '-H "x"')).toBe(true)
    expect(finds('\\Aabc\\z', 'abc')).toBe(true)
    expect(finds('\\Aabc\\z', 'abcd')).toBe(false)
    expect(finds('abc$', 'abc\n')).toBe(true)
    expect(finds('[[:digit:]]{3}', 'a123')).toBe(true)
    expect(finds('[]x]', ']')).toBe(true)
    expect(finds('a{,2}', 'a{,2}')).toBe(true)
    expect(finds('{x}', '{x}')).toBe(true)
    expect(finds('(?P<name>ab)+', 'abab')).toBe(true)
    expect(finds('^\\x41\\x{42}$', 'AB')).toBe(true)
    expect(finds('[\\w.-]+@', 'a.b-c@')).toBe(true)
    expect(finds('^[^\\s\\\\/]+$', 'ab/')).toBe(false)
    expect(finds('^.$', '𠮷')).toBe(true)
    expect(finds('^(?:[a-f0-9]{2}-?){4}$', 'aa-bb-ccdd')).toBe(true)
  })

  it('refuses what could mean something else', () => {
    for (const pattern of [
      '(a',
      'a)',
      '[a',
      '*a',
      'a++',
      '(?>a)',
      '(a)\\1',
      '\\Qa',
      'a\\',
      '[z-a]',
      'a{3,1}',
      '[[:nope:]]',
    ])
      expect(() => compileRegex(pattern, '')).toThrow('regular expression')
  })

  it('refuses patterns with exponential backtracking, and only those', () => {
    for (const pattern of ['(a+)+$', '(a|a)*b', '(.*)*x', '([a-z]+)*\\d', '(a|aa)+$', '(\\w+\\s?)+$', '(?=(x+)+y)'])
      expect(() => compileRegex(pattern, '')).toThrow('busy')
    for (const pattern of [
      '(?:\\w+\\.)+com',
      '([0-9]{1,3}\\.){3}[0-9]{1,3}',
      '.*a.*b.*c',
      '(ab|cd)*',
      '\\s-[eE](?:nc)?\\s+',
      '(\\d{1,3}){4}',
    ])
      expect(() => compileRegex(pattern, '')).not.toThrow()
    expect(() => compileRegex('(?:a+A+)+', '')).not.toThrow()
    expect(() => compileRegex('(?:a+A+)+', 'i')).toThrow('busy')
  })
})
