import { describe, expect, it } from '@jest/globals'
import { compileRegex, readPattern } from './compile-regex.js'

const finds = (pattern: string, text: string, flags = '') => compileRegex(pattern, flags)(text)

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

  const tangled = ['(a+)+$', '(a|a)*b', '(.*)*x', '([a-z]+)*\\d', '(a|aa)+$', '(\\w+\\s?)+$', '^(.*\\)){1,}x$']

  it('takes no time over texts that were made to keep it busy', () => {
    for (const pattern of tangled) expect(finds(pattern, `${'a'.repeat(50_000)}!`)).toBe(false)
    expect(finds('(a+)+$', 'baaa')).toBe(true)
    expect(finds('(a+)+$', 'baaa\n')).toBe(true)
    expect(finds('(a+)+$', 'aaab')).toBe(false)
    expect(finds('^(a+)+b', 'xaab')).toBe(false)
    expect(finds('^(a+)+b', 'aab')).toBe(true)
    expect(finds('(.*\\)){1,}x', 'f(1)(2)x')).toBe(true)
    expect(finds('(?:a+){3,}b', 'aab')).toBe(false)
    expect(finds('(?:a+){3,}b', 'aaab')).toBe(true)
    expect(finds('(?:x*)*', '')).toBe(true)
  })

  it('refuses what neither matcher can do safely', () => {
    for (const pattern of ['(?=(x+)+y)', '(\\bx+)+y', '(a+)+$|b'])
      expect(() => compileRegex(pattern, '')).toThrow('busy')
    expect(() => compileRegex('\\b(?:a+A+)+', '')).not.toThrow()
    expect(() => compileRegex('\\b(?:a+A+)+', 'i')).toThrow('busy')
  })

  it('leaves repetition alone that has one way only', () => {
    for (const pattern of [
      '(?:\\w+\\.)+com',
      '\\b([0-9]{1,3}\\.){3}[0-9]{1,3}\\b',
      '\\b.*a.*b.*c',
      '\\b(ab|cd)*',
      '\\b(\\d{1,3}){4}',
    ])
      expect(() => compileRegex(pattern, '')).not.toThrow()
  })
})

describe('a pattern that ignores case', () => {
  it('ignores it for every letter, in either matcher', () => {
    for (const [pattern, text] of [
      ['д+x', 'ДДX'],
      ['(д+)+x', 'ДДX'],
      ['(σ+)+', 'Σ'],
      ['(k+)+', '\u212a'],
      ['([à-ý]+)+', 'Ä'],
    ] as const)
      expect([pattern, compileRegex(pattern, 'i')(text), compileRegex(pattern, '')(text)]).toEqual([
        pattern,
        true,
        false,
      ])
    expect(compileRegex('^([^д]+)+$', 'i')('ДДД')).toBe(false)
    expect(compileRegex('^(\\W+)+$', 'i')('sS')).toBe(false)
  })

  it('is one that could be kept busy where its alternatives differ in case alone', () => {
    for (const pattern of ['^(ä|Ä)+$', '^(s|ſ)+$', '^(σ|ς)+$', '^([а-я]|Д)+$'])
      expect([pattern, readPattern(pattern, 'i').linear, readPattern(pattern, '').linear]).toEqual([
        pattern,
        true,
        false,
      ])
  })

  it('takes a range as it is written, whatever its ends are called in capitals', () => {
    expect(compileRegex('^[\\x5b-\\x7a]$', 'i')('Q')).toBe(true)
    expect(compileRegex('^[\\xe5-\\xe6]$', 'i')('Ö')).toBe(false)
    expect(compileRegex('^([\\xe5-\\xe6]+)+$', 'i')('Ö')).toBe(false)
    expect(compileRegex('^([\\xe5-\\xe6]+)+$', 'i')('Å')).toBe(true)
  })
})
