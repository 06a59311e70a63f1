import { describe, expect, it } from '@jest/globals'
import { compileRules } from '../run/rule-set.js'
import { addressRule, photoRule } from '../testing/rules.js'
import { whatChanges } from './what-changes.js'

const photo = { file: 'photo.yml', yaml: photoRule() }
const address = { file: 'address.yml', yaml: addressRule }
const inForce = [address, photo]
const changes = (file: string, yaml: string) => whatChanges(inForce, compileRules(inForce), { file, yaml })
const filter = (condition: string) => `title: not the auditors
logsource: { product: custodia }
filter:
  rules: any
  selection: { actor: auditor }
  condition: ${condition}
`

describe('what a text would change', () => {
  it('is nothing where comments and layout change', () => {
    expect(changes('photo.yml', `# a comment\n${photo.yaml}`)).toEqual({
      problems: [],
      notes: [],
      changes: [],
      two_persons: false,
      judging: [],
    })
  })

  it('is the rule of the file; what freezes or holds needs two persons', () => {
    const found = changes('photo.yml', photoRule({ limit: 9 }))
    expect(found.changes).toEqual([
      { rule: 'photo-views', change: 'changed', freezes: true, holds: true, sees_less: true },
    ])
    expect(found).toMatchObject({ two_persons: true, judging: ['photo-views'] })
  })

  it('needs two persons to switch off what freezes, though nothing is left to backtest', () => {
    expect(changes('photo.yml', photoRule({ keys: 'mode: off' }))).toMatchObject({ two_persons: true, judging: [] })
  })

  it('is every rule that a filter leaves something out of, a rule that freezes among them', () => {
    const found = changes('filter.yml', filter('not selection'))
    expect(found.problems).toEqual([])
    expect(found.changes.map(({ rule }) => rule)).toContain('photo-views')
    expect(found.two_persons).toBe(true)
  })

  it('is a rule that goes with its file, and a new one', () => {
    const found = changes('photo.yml', photo.yaml.replaceAll('photo-views', 'other-views'))
    expect(found.changes.map(({ rule, change }) => [rule, change])).toEqual([
      ['photo-views', 'gone'],
      ['other-views', 'new'],
    ])
    expect(found.two_persons).toBe(true)
  })

  it('is every rule that uses a placeholder which a text defines otherwise, and a problem of those that lose it', () => {
    const lists = { file: 'placeholders.yml', yaml: 'vips: [c-1]\n' }
    const expanding = {
      file: 'photo.yml',
      yaml: photo.yaml.replace('photo_view,', "photo_view, customer_id|expand: '%vips%',"),
    }
    const all = [address, expanding, lists]
    expect(compileRules(all).problems).toEqual([])
    const edited = (yaml: string) => whatChanges(all, compileRules(all), { ...lists, yaml })
    expect(edited('vips: [c-1] # as before\n')).toMatchObject({ problems: [], changes: [], two_persons: false })
    expect(edited('vips: [c-1, c-2]\n')).toMatchObject({
      problems: [],
      changes: [{ rule: 'photo-views', change: 'changed', freezes: true, holds: true, sees_less: true }],
      two_persons: true,
      judging: ['photo-views'],
    })
    expect(edited('other: [c-1]\n').problems).toContainEqual(
      expect.objectContaining({ file: 'photo.yml', reason: expect.stringContaining('%vips% is not defined') }),
    )
    expect(edited('vips:\n').problems).toContainEqual(expect.objectContaining({ file: 'placeholders.yml', line: 1 }))
  })

  it('tells what works and is probably not meant, and what a backtest has to replay', () => {
    const never = photo.yaml.replace('gt: 3', 'gt: 3, lt: 2')
    expect(changes('photo.yml', never.replace('  hold: true\n', '')).notes).toEqual([
      expect.objectContaining({ file: 'photo.yml', line: 9, reason: expect.stringMatching(/never holds/) }),
    ])
    const ahead = addressRule.replace('outcome: failed', `outcome|re: 'a(?=i)'`)
    expect(changes('address.yml', ahead).notes).toMatchObject([
      { file: 'address.yml', reason: expect.stringMatching(/^`failures-by-address` has no SQL/) },
    ])
  })

  it('tells problems with their lines, and those that it makes in other files', () => {
    expect(changes('photo.yml', 'title: [').problems).toEqual([
      expect.objectContaining({ file: 'photo.yml', line: expect.any(Number) }),
    ])
    expect(changes('third.yml', photo.yaml).problems[0]).toMatchObject({ file: 'third.yml', line: 3 })
    expect(changes('another.yml', addressRule).problems[0]).toMatchObject({ file: 'another.yml' })
  })
})
