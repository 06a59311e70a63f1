import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'

const ID = 'AAAAAAAA-2222-4333-8444-555555555555'
const base = (name: string, more = `name: ${name}`) =>
  `title: ${name}\n${more}\nlogsource: { product: custodia }\ndetection:\n  sel: { action: view }\n  condition: sel\n`
const count = (rules: string, more = '') =>
  `title: c\nname: c\ncorrelation:\n  type: event_count\n  rules: ${rules}\n  timespan: 5m\n  condition: { gte: 2 }\n${more}`
const filter = (rules: string) =>
  `title: f\nlogsource: { product: custodia }\nfilter:\n  rules: ${rules}\n  sel: { team: audit }\n  condition: not sel\n`
const load = (...files: string[]) => loadRules(files.map((yaml, index) => ({ file: `${index}.yml`, yaml })))
const alerting = (...files: string[]) => {
  const { rules, problems } = load(...files)
  expect(problems).toEqual([])
  return rules.flatMap(({ name, alerts }) => (alerts ? [name] : []))
}

describe('names of rules', () => {
  it('are compared exactly: a correlation silences what it counts and nothing else', () => {
    expect(alerting(base('Login'), base('login'), count('[login]'))).toEqual(['Login', 'c'])
    expect(alerting(base('Login'), base('login'), count('[Login]'))).toEqual(['login', 'c'])
    expect(alerting(base('Login'), base('login'), count('[login, Login]', '  generate: true\n'))).toEqual([
      'Login',
      'login',
      'c',
    ])
  })

  it('are compared exactly by filters', () => {
    const { rules, problems } = load(base('Login'), base('login'), filter('[login]'))
    expect(problems).toEqual([])
    const event = { action: 'view', team: 'audit' }
    expect(rules.flatMap((rule) => (rule.kind === 'detection' && rule.matches(event) ? [rule.name] : []))).toEqual([
      'Login',
    ])
  })

  it('are told where one is missing, with the one that was probably meant', () => {
    for (const file of [count('[Login]'), filter('[Login]')])
      expect(load(base('login'), file).problems).toMatchObject([
        {
          line: expect.any(Number),
          reason: 'no rule is called `Login`; did you mean `login`?',
          reason_zh: '没有名为 `Login` 的规则；是否想写 `login`？',
        },
      ])
  })

  it('are UUIDs where a rule has one, which have no case, however they are written', () => {
    for (const reference of [ID, ID.toLowerCase()])
      for (const own of [`id: ${ID}`, `id: ${ID.toLowerCase()}`, `name: x\nid: ${ID}`, `name: ${ID}`])
        expect(alerting(base('x', own), count(`[${reference}]`))).toEqual(['c'])
    expect(load(base('x', `name: ${ID}`), base('y', `id: ${ID.toLowerCase()}`)).problems).toMatchObject([
      { file: '1.yml', line: 2, reason: expect.stringContaining('another rule already, in 0.yml') },
    ])
    expect(load(base('x', `id: ${ID}`), count(`[${ID}, ${ID.toLowerCase()}]`)).problems).toMatchObject([
      { file: '1.yml', reason: expect.stringContaining('twice') },
    ])
  })

  it('are no filters, where something is to be counted', () => {
    const named = filter('any').replace('title: f', 'title: f\nname: f')
    expect(load(base('x'), named, count('[f]')).problems).toMatchObject([
      { file: '2.yml', line: 5, reason: '`f` is a filter: count the rules it lists' },
    ])
  })

  it('silence what a broken correlation counts, too, by whichever name', () => {
    const { rules } = load(
      base('x', `name: x\nid: ${ID}`),
      count(`[${ID.toLowerCase()}]`).replace('gte: 2', 'gte: two'),
    )
    expect(rules.map(({ name, alerts }) => [name, alerts])).toEqual([['x', false]])
  })
})
