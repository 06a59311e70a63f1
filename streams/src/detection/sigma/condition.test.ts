import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'
import { oneRule } from './testing/index.js'

const selections = ['a', 'b', 'c', 'sel_one', 'sel_two', '_hidden']
  .map((name) => `  ${name}: { ${name}: 1 }\n`)
  .join('')
const judge = (condition: string, ...names: string[]) => {
  const rule = oneRule(`${selections}  condition: ${condition}`)
  if (rule.problem) throw new Error(rule.problem)
  return rule.matches(Object.fromEntries(names.map((name) => [name, 1])))
}

describe('condition', () => {
  it('binds not before and before or', () => {
    expect(judge('a or b and c', 'a')).toBe(true)
    expect(judge('(a or b) and c', 'a')).toBe(false)
    expect(judge('not a and b', 'b')).toBe(true)
    expect(judge('not (a or b)', 'c')).toBe(true)
    expect(judge('a AND NOT b Or c', 'a')).toBe(true)
    expect(judge('not not a', 'a')).toBe(true)
  })

  it('selects by pattern', () => {
    expect(judge('1 of sel_*', 'sel_two')).toBe(true)
    expect(judge('all of sel_*', 'sel_two')).toBe(false)
    expect(judge('all of s*e*', 'sel_one', 'sel_two')).toBe(true)
    expect(judge('any of *_two', 'sel_two')).toBe(true)
    expect(judge('1 of them', '_hidden')).toBe(false)
    expect(judge('1 of _*', '_hidden')).toBe(true)
    expect(judge('all of them', 'a', 'b', 'c', 'sel_one', 'sel_two')).toBe(true)
    expect(judge('not 1 of sel_* and a', 'a')).toBe(true)
  })

  it('may be a list of alternatives', () => expect(judge('[a, b and c]', 'b', 'c')).toBe(true))

  it('is refused when it cannot be meant', () => {
    const refused: Record<string, string> = {
      'a and d': '`d` is not defined',
      '(a': '`)` is missing',
      'a)': '`)` is not expected',
      'a b': '`b` is not expected',
      'a and': 'ends too early',
      'and a': '`and` is not expected here',
      '1 of x*': 'nothing is called',
      '2 of them': 'not Sigma',
      'a | count() > 5': 'obsolete',
      'a || b': '`||` is written `or`',
      'a||b': '`||` is written `or`',
      'a && b': '`&&` is written `and`',
      'a&&b': '`&&` is written `and`',
      '[]': 'needs a condition',
      "''": 'needs a condition',
    }
    for (const [condition, reason] of Object.entries(refused)) expect(() => judge(condition)).toThrow(reason)
  })
})

describe('a sign that Sigma has a word for', () => {
  it('is told at its line in both languages', () => {
    const yaml = 'title: t\nlogsource: { product: p }\ndetection:\n  a: { x: 1 }\n  condition: a || a\n'
    expect(loadRules([{ file: 'a.yml', yaml }]).problems).toEqual([
      {
        file: 'a.yml',
        line: 5,
        reason: 'condition: `||` is written `or`',
        reason_zh: '条件：`||` 须写成 `or`',
      },
    ])
  })
})

describe('selections', () => {
  it('are maps, lists of maps, keywords, or both in one list', () => {
    const rule = oneRule('  s:\n    - x: 1\n      y: 2\n    - z: 3\n    - word\n  condition: s')
    expect(rule.matches({ x: 1, y: 2 })).toBe(true)
    expect(rule.matches({ x: 1 })).toBe(false)
    expect(rule.matches({ z: 3 })).toBe(true)
    expect(rule.matches({ deep: [{ er: 'a Word inside' }] })).toBe(true)
    expect(rule.matches({ word: 'x' })).toBe(false)
  })

  it('have anchors and merge keys resolved', () => {
    const rule = oneRule('  base: &base { x: 1 }\n  s:\n    <<: *base\n    y: 2\n  condition: s')
    expect(rule.matches({ x: 1, y: 2 })).toBe(true)
    expect(rule.matches({ y: 2 })).toBe(false)
  })

  it('are never empty or half said', () => {
    expect(oneRule('  s: {}\n  condition: s').problem).toContain('is empty')
    expect(oneRule('  s: []\n  condition: s').problem).toContain('is empty')
    expect(oneRule('  s:\n  condition: s').problem).toContain('is empty')
    expect(oneRule('  s: { x: [] }\n  condition: s').problem).toContain('no value')
    expect(oneRule('  s: { x: [a, null] }\n  condition: s').problem).toContain('null cannot')
    expect(oneRule('  s: { x: { y: 1 } }\n  condition: s').problem).toContain('a value is')
    expect(oneRule('  s: { x|nope: 1 }\n  condition: s').problem).toContain('`nope` is not known')
    expect(oneRule('  s: { x: 1 }').problem).toContain('needs a condition')
    expect(oneRule('  s: { x: 1 }\n  timeframe: 5m\n  condition: s').problem).toContain('obsolete')
  })
})
