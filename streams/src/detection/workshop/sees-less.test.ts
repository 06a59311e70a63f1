import { describe, expect, it } from '@jest/globals'
import { compileRules } from '../run/rule-set.js'
import { addressRule } from '../testing/rules.js'
import { whatChanges } from './what-changes.js'

const reveals = (keys = '') => `title: Reveals
name: reveals
level: high
logsource: { product: custodia }
detection: { selection: { action: reveal, actor|startswith: '' }, condition: selection }
custodia:
  respond: [alert, notify]
  suppress: 1h
  ${keys}
`
const files = [
  { file: 'address.yml', yaml: addressRule },
  { file: 'reveals.yml', yaml: reveals() },
]
/** The rules that might see less by a text, in place of a file or beside the others. */
const blinded = (file: string, yaml: string, inForce = files) => {
  const { problems, changes, two_persons } = whatChanges(inForce, compileRules(inForce), { file, yaml })
  expect(problems).toEqual([])
  const names = changes.flatMap(({ rule, sees_less }) => (sees_less ? [rule] : []))
  expect(two_persons).toBe(names.length > 0)
  return names
}
const exception = (when: string) =>
  reveals(`exceptions: [{ when: ${when}, owner: li, reason: tuning, expires: 2099-01-01 }]`)
const failures = (from: string, to: string) => addressRule.replace(from, to)

describe('a rule that only alerts might see less', () => {
  it.each(['{ actor: me }', '{ ip: 10.0.0.1 }', '{ actor: somebody-else }', "{ action: '*' }"])(
    'by an exception %s',
    (when) => expect(blinded('reveals.yml', exception(when))).toEqual(['reveals']),
  )

  it('by a filter from another file, and by a list that it expands', () => {
    const filter = `title: not me
logsource: { product: custodia }
filter: { rules: any, selection: { actor: me }, condition: not selection }
`
    expect(blinded('mine.yml', filter)).toEqual(['failures-by-address', 'reveals'])
    const listed = {
      file: 'reveals.yml',
      yaml: reveals().replace("actor|startswith: ''", "actor|expand: ['%desk%']"),
    }
    const lists = { file: 'placeholders.yml', yaml: 'desk: [me, you]\n' }
    expect(blinded(lists.file, 'desk: [you]\n', [lists, listed])).toEqual(['reveals'])
  })

  it('by what it counts, though its own document stays', () => {
    expect(blinded('address.yml', failures('outcome: failed', 'outcome: failed, actor: you'))).toEqual([
      'failures-by-address',
    ])
  })

  it('by a rule that counts it, for then it alerts no longer by itself', () => {
    const counts = `title: Many
name: many
correlation: { type: event_count, rules: [reveals], group-by: [actor], timespan: 1h, condition: { gte: 900 } }
`
    expect(blinded('many.yml', counts)).toEqual(['reveals'])
  })

  it.each([
    ['off', reveals('mode: off')],
    ['in shadow', reveals('mode: shadow')],
    ['under another name', reveals().replace('name: reveals', 'name: others')],
    ['suppressed for longer', reveals().replace('suppress: 1h', 'suppress: 2h')],
    ['with nobody told', reveals().replace('[alert, notify]', '[alert]')],
    ['at a lower level', reveals().replace('level: high', 'level: low')],
    ['looking for a star, not for anything', reveals().replace("startswith: ''", "startswith: '\\*'")],
  ])('%s', (_how, yaml) => expect(blinded('reveals.yml', yaml)).toEqual(['reveals']))

  it.each([
    ['gte: 5', 'gte: 6'],
    ['gte: 5', 'eq: 5'],
    ['gte: 5', 'gte: 5, lt: 9'],
    ['timespan: 5m', 'timespan: 4m'],
    ['group-by: [ip]', 'group-by: [ip, user_agent]'],
  ])('by %s become %s', (from, to) =>
    expect(blinded('address.yml', failures(from, to))).toEqual(['failures-by-address']),
  )
})

describe('nobody is asked', () => {
  it.each([
    ['for a lower limit', 'address.yml', failures('gte: 5', 'gte: 4')],
    ['for another title', 'reveals.yml', reveals().replace('title: Reveals', 'title: Plain values')],
    ['for what people read', 'reveals.yml', reveals('runbook: Call the person.')],
    ['for a higher level', 'reveals.yml', reveals().replace('level: high', 'level: critical')],
    ['for a shorter silence', 'reveals.yml', reveals().replace('suppress: 1h', 'suppress: 5m')],
    ['for a new rule', 'new.yml', reveals().replaceAll('reveals', 'others')],
  ])('%s', (_what, file, yaml) => expect(blinded(file, yaml)).toEqual([]))

  it('for a rule that is in shadow or off', () => {
    const quiet = [{ file: 'reveals.yml', yaml: reveals('mode: shadow') }]
    expect(blinded('reveals.yml', reveals('mode: off'), quiet)).toEqual([])
  })
})
