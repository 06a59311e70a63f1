import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'

const head = 'title: t\nname: r\nlogsource: { product: test }\n'
const of = (item: string): string => `${head}detection:\n  s:\n    ${item}\n  condition: s\n`
const counting = (more: string): string =>
  `title: c\nname: c\ncorrelation: { type: event_count, rules: [r], timespan: 5m, condition: { gte: 2 }${more && `, ${more}`} }\n`
const load = (...files: string[]) => loadRules(files.map((yaml, index) => ({ file: `${index}.yml`, yaml })))

describe('what nobody means', () => {
  it.each<[string, string, number, string]>([
    [
      'a name of two lines',
      of('f: a').replace('name: r', 'name: "a\\nb"'),
      2,
      '`name`: is one line, without blanks around it',
    ],
    [
      'a name with blanks around',
      of('f: a').replace('name: r', 'name: " r"'),
      2,
      '`name`: is one line, without blanks around it',
    ],
    [
      'a name with a NUL',
      of('f: a').replace('name: r', 'name: "r\\0"'),
      2,
      '`name`: is one line, without blanks around it',
    ],
    [
      'a name of half a letter',
      of('f: a').replace('name: r', 'name: "\\ud83d"'),
      2,
      '`name`: is one line, without blanks around it',
    ],
    [
      'an endless name',
      of('f: a').replace('name: r', `name: ${'r'.repeat(257)}`),
      2,
      '`name`: has at most 256 characters',
    ],
    [
      'a title with a NUL',
      of('f: a').replace('title: t', 'title: "t\\0"'),
      1,
      '`title`: has a character that no page shows',
    ],
    [
      'a sentence of half a letter',
      `${of('f: a')}custodia: { text: { en: "\\udc00", zh: 中 } }\n`,
      8,
      '`custodia.text.en`: has a character that no page shows',
    ],
    ['a key that JavaScript keeps for itself', of('__proto__: a'), 6, '`__proto__` cannot be a key'],
    ['a modifier in capitals', of('f|Contains: a'), 6, 'modifier `Contains` is not known; did you mean `contains`?'],
    ['a modifier of another tool', of('f|start: a'), 6, 'modifier `start` is not known'],
    [
      'a field of too many parts',
      of(`${'a.'.repeat(32)}b: x`),
      6,
      'has more than 32 parts between dots: no event has such a field',
    ],
    [
      'another field of too many parts',
      of(`f|fieldref: ${'a.'.repeat(32)}b`),
      6,
      'has more than 32 parts between dots: no event has such a field',
    ],
    ['no modifier', of("'f|': a"), 6, '`f|`: a modifier is missing'],
    ['no modifier between two', of("'f||contains': a"), 6, '`f||contains`: a modifier is missing'],
  ])('is refused with its line and a reason in both languages: %s', (_, yaml, line, reason) => {
    const { rules, problems } = load(yaml)
    expect(rules).toEqual([])
    expect(problems).toEqual([{ file: '0.yml', line, reason, reason_zh: expect.stringMatching(/\p{Script=Han}/u) }])
  })

  it('takes no time, however much there is of it', () => {
    const long = 'a'.repeat(60)
    const { problems } = load(`${head}detection:\n  ${long}: { f: a }\n  condition: 1 of ${'a*'.repeat(25)}b\n`)
    expect(problems).toMatchObject([{ line: 6, reason: expect.stringContaining('nothing is called') }])
    const [deep] = load(of(`${'a.'.repeat(31)}b: x`)).rules
    const event = Array.from({ length: 31 }).reduce<object>((inner) => ({ a: inner }), { b: 'x' })
    expect(deep?.kind === 'detection' && deep.matches({ ...event })).toBe(true)
    const words = (count: number): string => Array.from({ length: count }, (_, n) => `w${n}`).join('|')
    expect(load(of(`f|re: (${words(900)})*b`)).problems).toMatchObject([{ reason: 'regular expression: too long' }])
    for (const pattern of [`(${words(300)})*b`, `${'.*'.repeat(600)}b`, `(${'a|'.repeat(400)}a)+$`])
      expect(load(of(`f|re: ${pattern}`)).problems).toEqual([])
  })

  it('is refused where a few correlations count each other endlessly often', () => {
    const both = (rules: string, level: number): string[] =>
      ['a', 'b'].map((name) => counting('').replace('[r]', rules).replace('name: c', `name: ${name}${level}`))
    const levels = Array.from({ length: 40 }, (_, level) =>
      both(level ? `[a${level - 1}, b${level - 1}]` : '[r]', level),
    )
    const { problems } = load([of('f: a'), ...levels.flat()].join('---\n'))
    expect(problems[0]).toMatchObject({ reason: 'counts more than 10,000 rules, those that they count included' })
  })

  it.each(['the deepest first', 'the deepest last'])(
    'is refused at its line where correlations count each other too deep: %s',
    (order) => {
      const chain = (deep: number): string[] =>
        Array.from({ length: deep }, (_, n) =>
          counting('')
            .replace('[r]', `[${n ? `c${n - 1}` : 'r'}]`)
            .replace('name: c', `name: c${n}`),
        )
      const loaded = (deep: number) => {
        const links = chain(deep)
        return load(of('f: a'), ...(order === 'the deepest last' ? links.reverse() : links))
      }
      expect(loaded(32)).toMatchObject({ problems: [] })
      const { rules, problems } = loaded(3000)
      expect(rules).toHaveLength(33)
      expect(problems).toHaveLength(2968)
      expect(new Set(problems.map(({ line, reason, reason_zh }) => [line, reason, reason_zh].join('; ')))).toEqual(
        new Set(['3; counts correlations that count each other more than 32 deep; 关联规则层层统计，超过 32 层']),
      )
    },
  )

  it('is refused of an alias', () => {
    const named = (aliases: string) => load(of('f: a'), counting(`aliases: { ${aliases} }`)).problems
    expect(named('who: { r: "" }')).toMatchObject([{ line: 3, reason: '`correlation.aliases.who.r`: has at least 1 characters' }]) // prettier-ignore
    expect(named('who: { __proto__: a }')).toMatchObject([{ line: 3, reason: '`__proto__` cannot be a key' }])
  })

  it('is refused of a group: an object loses this name, and all groups would be one', () => {
    expect(load(of('f: a'), counting('group-by: [a, __proto__]')).problems).toMatchObject([
      { reason: '`correlation.group-by`: cannot group by `__proto__`', reason_zh: expect.stringContaining('分组') },
    ])
  })

  it.each<[string, string, number, string]>([
    [
      'a value that is a comment',
      of('f: #a'),
      6,
      '`f` has no value, which matches events without it: write `null` where that is meant',
    ],
    [
      'a value that was forgotten',
      of('f:'),
      6,
      '`f` has no value, which matches events without it: write `null` where that is meant',
    ],
    [
      'a text that is an anchor',
      of('f: &a'),
      6,
      'the anchor `&a` is never used: a value that begins with `&` stands in quotes',
    ],
    [
      'a text that begins with an anchor',
      of('f: &a b'),
      6,
      'the anchor `&a` is never used: a value that begins with `&` stands in quotes',
    ],
  ])('is noted where Sigma allows it: %s', (_, yaml, line, reason) => {
    const { rules, problems, notes } = load(yaml)
    expect([rules.length, problems]).toEqual([1, []])
    expect(notes).toContainEqual({ file: '0.yml', line, reason, reason_zh: expect.stringMatching(/\p{Script=Han}/u) })
  })

  it('is not noted of what is meant', () => {
    for (const item of ['f: null', 'f: ~', "f: ''", 'f: &a b\n    g: *a', 'f:\n      - a'])
      expect(load(of(item))).toMatchObject({ problems: [], notes: [], rules: [{ name: 'r' }] })
    expect(load(of('f: a').replace('title: t', 'title: >\n  two\n\n  lines')).problems).toEqual([])
  })
})
