import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'

const head = (name: string): string => `title: t\nname: ${name}\nlogsource: { product: test }\n`
const of = (item: string, name = 'r'): string => `${head(name)}detection:\n  s:\n    ${item}\n  condition: s\n`
const load = (yaml: string, ...more: string[]) =>
  loadRules([yaml, ...more].map((text, index) => ({ file: `${index}.yml`, yaml: text })))

const quote = (alias: string): string =>
  `\`${alias}\` is an alias for which there is no anchor: a value that begins with \`*\` stands in quotes`
const bomb = (levels: number, width: number): string =>
  ['x', ...Array.from({ length: levels }, (_, level) => `*a${level}`)]
    .map((inner, level) => `a${level}: &a${level} [${Array<string>(width).fill(inner).join(',')}]\n`)
    .join('')

describe('YAML that cannot be what it says', () => {
  it.each<[string, string, number, string | RegExp]>([
    ['a wildcard without quotes', of('f: *.exe'), 6, quote('*.exe')],
    ['one in a list', of('f: [a, *.exe]'), 6, quote('*.exe')],
    ['one below another', of('f:\n      - a\n      - *b*'), 8, quote('*b*')],
    ['nothing but a star', of('f: *'), 6, /begins with `\*`/],
    ['a key', of('*x : a'), 6, quote('*x')],
    ['an anchor that comes later', `${head('r')}x: *later\ny: &later 1\n`, 4, quote('*later')],
    ['an alias inside its own anchor', of('f: &a [*a]'), 6, '`*a` stands inside what it stands for'],
    ['one around it all', `&r\n${of('f: a')}x: *r\n`, 9, '`*r` stands inside what it stands for'],
    ['a merge of itself', of('x: &a { <<: *a }'), 6, '`*a` stands inside what it stands for'],
    ['a merge of no map', of('<<: 5'), 6, '`<<` takes a map, or a list of maps'],
    ['a merge of a list of no maps', of('<<: [{ a: 1 }, 5]'), 6, '`<<` takes a map, or a list of maps'],
    ['a merge of nothing', of('<<:'), 6, '`<<` takes a map, or a list of maps'],
    ['aliases of aliases', `${head('r')}${bomb(8, 10)}`, 8, /^aliases make more than 100,000 values of this/],
    ['lists in lists', of(`f: ${'['.repeat(200)}${']'.repeat(200)}`), 6, /^values stand too deep/],
    ['aliases in aliases', `${head('r')}${bomb(200, 1)}`, 103, /^values stand too deep/],
    ['lists in lists that no parser reads', of(`f: ${'['.repeat(9000)}${']'.repeat(9000)}`), 6, /too deep/],
    [
      'an unknown tag',
      of('f: !important a'),
      6,
      '`!important` is no tag known here: a value that begins with `!` stands in quotes',
    ],
    ['bytes', of('f: !!binary aGk='), 6, '`!!binary` is no tag known here'],
    ['a tag of a list', of('f: !!set { a, b }'), 6, '`!!set` is no tag known here'],
    ['another version of YAML', `%YAML 1.1\n---\n${of('f: yes')}`, 1, '`%YAML 1.1`'],
    ['a list as a key', of('? [a, b]\n    : c'), 6, 'a key is a text'],
    ['a key that is forgotten', of(': c'), 6, 'a key is missing before `:`'],
    ['no UTF-8', Buffer.from(of('f: café'), 'latin1').toString(), 6, /^this is not UTF-8/],
    ['no UTF-8 in a comment', `# a\ufffd\n${of('f: a')}`, 1, /^this is not UTF-8/],
    ['another control character', of('f: "a\u0001b"'), 6, /^the character U\+0001 cannot stand in YAML/],
    ['UTF-16', of('f: a').replaceAll(/./g, '$&\0'), 1, /^this is not UTF-8/],
  ])('is told with its line and in both languages, and hides nothing: %s', (_, yaml, line, reason) => {
    const { rules, problems } = load(yaml, of('f|nope: a', 'other'), of('f: a', 'good'))
    expect(rules.map(({ name }) => name)).toEqual(['good'])
    expect(problems).toHaveLength(2)
    const told = expect.objectContaining({
      ...{ file: '0.yml', line, reason_zh: expect.stringMatching(/\p{Script=Han}/u) },
      reason: typeof reason === 'string' ? expect.stringContaining(reason) : expect.stringMatching(reason),
    })
    expect(problems).toContainEqual(told)
    expect(problems[0]?.reason_zh).not.toMatch(/[a-z]{3,} [a-z]+ [a-z]/)
  })

  it('hides no errors of other documents of its file, and none of it is used', () => {
    const { rules, problems } = load([of('f: *.exe', 'a'), of('f|nope: a', 'b'), of('<<: 5', 'c'), of('f: a', 'd')].join('---\n')) // prettier-ignore
    expect(rules).toEqual([])
    expect(problems.map(({ line }) => line)).toEqual([6, 22, 14])
  })

  it('is none with aliases, merges and tags that say something', () => {
    const yaml = `${head('r')}x: &x { f: [a, b] }\ny: &y c\ndetection:\n  s: { <<: *x, g: *y, h: !!str 5 }\n  condition: s\n`
    const { rules, problems } = load(`\ufeff${yaml}`)
    expect(problems).toEqual([])
    const [rule] = rules
    expect(rule?.kind === 'detection' && rule.matches({ f: 'b', g: 'c', h: '5' })).toBe(true)
  })

  it('is told of the file of placeholders, too, whatever else stands there', () => {
    for (const yaml of ['# \ufffd\n', 'a: *b\n', 'a: "\ufffd"\n'])
      expect(loadRules([{ file: 'placeholders.yml', yaml }]).problems).toMatchObject([{ line: 1 }])
  })
})

describe('what stands too deep in itself', () => {
  it.each([
    [
      'brackets of a condition',
      of('f: a').replace('condition: s', `condition: ${'('.repeat(9000)}s${')'.repeat(9000)}`),
      7,
    ],
    ['nots of a condition', of('f: a').replace('condition: s', `condition: ${'not '.repeat(9000)}s`), 7],
    ['brackets of a pattern', of(`f|re: '${'('.repeat(9000)}a${')'.repeat(9000)}'`), 6],
  ])('is told with its line: %s', (_, yaml, line) => {
    expect(load(yaml).problems).toMatchObject([{ line, reason: expect.stringContaining('too deep') }])
  })
})
