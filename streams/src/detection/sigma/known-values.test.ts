import { describe, expect, it } from '@jest/globals'
import { AccessEvent } from '@custodia/contracts'
import { loadRules } from './load-rules.js'

const events = { logsource: { product: 'custodia', category: 'access' }, fields: Object.keys(AccessEvent.shape) }
const files = (yaml: string, lists?: string) => [
  { file: 'a.yml', yaml },
  ...(lists === undefined ? [] : [{ file: 'placeholders.yml', yaml: lists }]),
]
const rule = (item: string, condition = 'selection', more = '') => `title: Seen
name: seen
logsource: { product: custodia, category: access }
detection:
  selection:
    actor: a
    ${item}
  condition: ${condition}
${more}`
const problemsOf = (yaml: string, lists?: string) => loadRules(files(yaml, lists), { events }).problems

describe('a value that our own events never have', () => {
  it.each([
    ['action: viewd', '`action` is never `viewd`; did you mean `view`?'],
    ['outcome: grant', '`outcome` is never `grant`; did you mean `granted`?'],
    ['outcome: success', '`outcome` is never `success`: it is one of granted, allowed, refused, failed'],
    ['outcome: held', '`outcome` is never `held`: it is one of granted, allowed, refused, failed'],
    ['outcome: expired', '`outcome` is never `expired`: it is one of granted, allowed, refused, failed'],
    ['off_hours: yes', '`off_hours` is never `yes`: it is one of true, false'],
    ['off_hours: 1', '`off_hours` is never `1`: it is one of true, false'],
    ['moved: adress', '`moved` is never `adress`: it is one of network, device'],
    ["action: 'photos_*'", '`action` is never `photos_*`'],
    ['action|startswith: fotos', '`action` is never `fotos*`'],
    ['action|endswith: _views', '`action` is never `*_views`'],
    ['action|contains: fotos', '`action` is never `*fotos*`'],
    ['action|cased: View', '`action` is never `View`; did you mean `view`?'],
    ['action|re: ^foto', '`action` is never `^foto`'],
    ['action|neq: viewd', '`action` is never `viewd`; did you mean `view`?'],
    ['action|gte: 5', '`action` is never `gte 5`'],
    ['factor|cidr: 10.0.0.0/8', '`factor` is never `10.0.0.0/8`'],
  ])('is refused at its line: %s', (item, reason) => {
    expect(problemsOf(rule(item))).toEqual([
      expect.objectContaining({ file: 'a.yml', line: 7, reason: expect.stringContaining(reason) }),
    ])
  })

  it('is told of each list where it stands there', () => {
    expect(problemsOf(rule('action:\n      - view\n      - viewd'))).toMatchObject([{ line: 9 }])
    expect(problemsOf(rule('action|contains|all:\n      - photo\n      - viewd'))).toMatchObject([{ line: 9 }])
  })

  it('is told in Chinese as well', () => {
    expect(problemsOf(rule('action: viewd'))[0]?.reason_zh).toBe('`action` 不会是 `viewd`；是否想写 `view`？')
    expect(problemsOf(rule('off_hours: yes'))[0]?.reason_zh).toBe('`off_hours` 不会是 `yes`：须为 true、false 之一')
  })

  it('is refused under `not`, in a filter, in an exception and in a list of placeholders', () => {
    expect(problemsOf(rule('action: viewd', 'not selection'))).toMatchObject([{ line: 7 }])
    const filter = `---\ntitle: Not them\nlogsource: { product: custodia }\nfilter:\n  rules: any\n  them: { action: viewd }\n  condition: not them\n`
    expect(problemsOf(rule('action: view') + filter)).toMatchObject([{ line: 14 }])
    const exception =
      'custodia:\n  exceptions:\n    - when: { action: viewd }\n      owner: li.na\n      reason: audit\n      expires: 2099-01-01\n'
    expect(problemsOf(rule('action: view', 'selection', exception))).toMatchObject([{ line: 11 }])
    expect(problemsOf(rule("action|expand: '%reads%'"), 'reads: [view, reveals]')).toMatchObject([
      { file: 'a.yml', line: 7, reason: '`action` is never `reveals`; did you mean `reveal`?' },
    ])
  })

  it.each([
    'action: VIEW',
    'outcome: [granted, Allowed, refused, failed]',
    'off_hours: true',
    "off_hours: 'False'",
    'moved|contains: net',
    'moved|all: [network, device]',
    "action: 'photo_*'",
    "action: '*'",
    'factor|exists: true',
    'factor: null',
    'factor|fieldref: action',
    'action|re: ^photo_',
    'actor_role: whoever',
    'source: sshd',
    'reason: anything',
  ])('is none of these: %s', (item) => {
    expect(problemsOf(rule(item))).toEqual([])
  })

  it('is not known of where nobody says what events have', () => {
    expect(loadRules(files(rule('action: viewd'))).problems).toEqual([])
  })
})
