import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'
import type { CorrelationRule, DetectionRule } from './rule.js'

const base = (name: string, value = name) =>
  `title: ${name}\nname: ${name}\nlogsource: { product: custodia, category: access }\ndetection:\n  sel: { action: ${value} }\n  condition: sel\n`
const count = (rest: string, name = 'many') =>
  `title: Many\nname: ${name}\ncorrelation:\n  type: event_count\n  timespan: 10m\n  group-by: [actor]\n${rest}`
const load = (...files: string[]) => loadRules(files.map((yaml, index) => ({ file: `${index}.yml`, yaml })))
const named = <T>(result: ReturnType<typeof load>, name: string) => result.rules.find((rule) => rule.name === name) as T

describe('loadRules', () => {
  it('reads several documents and files; a correlation quiets what it counts', () => {
    const result = load(
      `${base('view')}---\n${count('  rules: [view, export]\n  condition: { gt: 5 }')}`,
      base('export'),
      base('other'),
    )
    expect(result.problems).toEqual([])
    expect(result.rules.map(({ name, alerts }) => [name, alerts])).toEqual([
      ['view', false],
      ['many', true],
      ['export', false],
      ['other', true],
    ])
    expect(named<CorrelationRule>(result, 'many')).toMatchObject({
      type: 'event_count',
      rules: ['view', 'export'],
      groupBy: ['actor'],
      timespanSeconds: 600,
      condition: [{ op: 'gt', value: 5 }],
      aliases: {},
      custodia: { respond: [{ do: 'alert' }], hold: false, mode: 'live', suppressSeconds: 600 },
    })
  })

  it('lets base rules alert with generate: true', () => {
    expect(
      named<DetectionRule>(load(base('view'), count('  rules: view\n  generate: true\n  condition: { gt: 5 }')), 'view')
        .alerts,
    ).toBe(true)
    expect(
      named<DetectionRule>(
        load(base('view'), `${count('  rules: view\n  condition: { gt: 5 }')}\ngenerate: true`),
        'view',
      ).alerts,
    ).toBe(true)
  })

  it('keeps a base rule quiet when its correlation is broken', () => {
    const result = load(base('view'), count('  rules: [view]\n  condition: { gt: many }'))
    expect(result.problems).toHaveLength(1)
    expect(named<DetectionRule>(result, 'view').alerts).toBe(false)
  })

  it('names rules by name, id, file', () => {
    const anonymous = base('x').replace('name: x\n', '')
    const id = '11111111-2222-4333-8444-555555555555'
    const result = loadRules([
      { file: 'dir/found.yml', yaml: `${anonymous}---\n${anonymous}---\nid: ${id}\n${anonymous}` },
    ])
    expect(result.rules.map(({ name }) => name)).toEqual(['found', 'found#2', id])
  })

  it('gives each problem its file, line and reason, and loads the rest', () => {
    const result = load(
      base('fine'),
      'title: [',
      base('bad').replace('condition: sel', 'condition: nope'),
      base('fine'),
      '',
      'just text',
      base('bad2').replace('action', 'action|nope'),
      base('bad3').replace('title: bad3', 'title: 3'),
    )
    expect(result.rules.map(({ name }) => name)).toEqual(['fine'])
    expect(result.problems.map(({ file, line }) => [file, line]).sort()).toEqual([
      ['1.yml', 1],
      ['2.yml', 6],
      ['3.yml', 2],
      ['4.yml', undefined],
      ['5.yml', 1],
      ['6.yml', 5],
      ['7.yml', 1],
    ])
    expect(result.problems.find(({ file }) => file === '3.yml')?.reason).toContain('another rule already, in 0.yml')
  })

  it('chains correlations and refuses circles, unknown names and what hangs on them', () => {
    const chained = load(
      base('view'),
      count('  rules: [view]\n  condition: { gte: 2 }'),
      count('  rules: [many]\n  condition: { gte: 3 }', 'often'),
    )
    expect(chained.rules.map(({ name, alerts }) => [name, alerts])).toEqual([
      ['view', false],
      ['many', false],
      ['often', true],
    ])
    const circle = load(
      count('  rules: [b]\n  condition: { gte: 2 }', 'a'),
      count('  rules: [a]\n  condition: { gte: 2 }', 'b'),
    )
    expect(circle.rules).toEqual([])
    expect(circle.problems.map(({ reason }) => reason).join()).toContain('circles: a → b → a')
    const lost = load(
      count('  rules: [gone]\n  condition: { gte: 2 }', 'a'),
      count('  rules: [a]\n  condition: { gte: 2 }', 'b'),
    )
    expect(lost.problems).toMatchObject([
      { file: '0.yml', line: 7, reason: 'no rule is called `gone`' },
      { file: '1.yml', line: 7, reason: 'the rule `a` was not loaded' },
    ])
  })

  it('reads every type, and refuses what its type does not take', () => {
    const of = (type: string, rest: string) =>
      load(base('view'), count(`  rules: [view]\n${rest}`).replace('event_count', type))
    const ok = (type: string, rest: string) => named<CorrelationRule>(of(type, rest), 'many')
    expect(ok('value_count', '  condition: { field: [a, b], gte: 2, lt: 9 }')).toMatchObject({
      field: ['a', 'b'],
      condition: [
        { op: 'gte', value: 2 },
        { op: 'lt', value: 9 },
      ],
    })
    expect(ok('value_percentile', '  condition: { field: a, percentile: 95, gt: 1.5 }')).toMatchObject({
      percentile: 95,
    })
    expect(ok('value_percentile', '  condition: { field: a, gt: 1 }')).toMatchObject({ percentile: 50 })
    expect(ok('temporal', '')).toMatchObject({ condition: [{ op: 'gte', value: 1 }] })
    expect(ok('temporal_ordered', '  aliases: { who: { view: actor } }')).toMatchObject({
      aliases: { who: { view: 'actor' } },
    })
    const refused: [string, string, string][] = [
      ['event_sum', '  condition: { gt: 1 }', 'correlation.type'],
      ['event_count', '', 'needs a condition'],
      ['event_count', '  condition: { gt: 1, field: a }', 'takes no `field`'],
      ['event_count', '  condition: { over: 1 }', 'not a key known'],
      ['event_count', '  condition: view and not view', 'in words'],
      ['value_sum', '  condition: { gt: 1 }', 'needs a `field`'],
      ['value_avg', '  condition: { gt: 1, field: [a, b] }', 'takes one field'],
      ['value_sum', '  condition: { gt: 1, field: a, percentile: 5 }', 'takes no `percentile`'],
      ['temporal', '  aliases: { who: { gone: actor } }', 'not one of the rules counted'],
      ['temporal', '  surprise: 1', 'not a key known'],
    ]
    for (const [type, rest, reason] of refused)
      expect(
        of(type, rest)
          .problems.map((problem) => problem.reason)
          .join(),
      ).toContain(reason)
    expect(
      load(base('view'), count('  rules: [view]\n  condition: { gt: 1 }').replace('10m', '10 minutes')).problems[0]
        ?.line,
    ).toBe(5)
  })

  it('tells the errors of every document of a file, each at its line, and uses none of it', () => {
    const file = [
      'title: a\nlogsource: { product: x }\ndetection: { s: { a: 1 }, condition: t }', // lines 1 to 3
      'title: b: c', // 5
      '- not a map', // 7
      base('view').replace('condition: sel', 'condition: nobody'),
      'title: c\nname: c\ncorrelation: { type: odd, rules: [elsewhere], timespan: 1m }',
      'title: f\nlogsource: { product: x }\nfilter: { rules: any, s: { a|like: 1 }, condition: s }',
      'title: d\nlogsource: { product: x }\ndetection: { s: { a: 1 }, condition: s }\ncustodia: { mode: loud }',
      base('good'),
    ].join('\n---\n')
    const { rules, problems } = load(file, base('other').trim())
    expect(rules.map(({ name }) => name)).toEqual(['other'])
    const lines = file.split('\n')
    const lineWith = (text: string) => lines.findIndex((line) => line.includes(text)) + 1
    expect(problems.map(({ line }) => line).sort((a, b) => a! - b!)).toEqual(
      ['condition: t', 'title: b: c', '- not a map', 'condition: nobody', 'type: odd', 'a|like', 'mode: loud'].map(
        lineWith,
      ),
    )
  })

  it('refuses the collections of Sigma 1, whatever else a document says, and no other key of that name', () => {
    for (const action of ['global', 'repeat', 'reset'])
      for (const more of ['', base('view')])
        expect(load(`# by Sigma 1\naction: ${action}\n${more}`, base('other'))).toMatchObject({
          rules: [{ name: 'other' }],
          problems: [{ file: '0.yml', line: 2, reason: `\`action: ${action}\` is obsolete: write each rule out` }],
        })
    expect(load(`action: call the desk\n${base('view')}`).problems).toEqual([])
  })

  it('reads what Sigma says about a rule, and refuses what the specification refuses', () => {
    const id = '0e95725d-7320-415d-80f7-004da920fc11'
    const of = (more: string) => load(`${more}\n${base('view')}`).problems
    const good = ['date: 2026-11-23', 'date: 2021/11/22', 'modified:', 'tags: [attack.t1078.004, detection.threat-hunting]', `related: [{ id: ${id}, type: obsolete }]`, 'status: unsupported', 'tags:', 'references: [a]', 'fields: [a, b]', 'falsepositives: [unknown]', 'scope: [server]', 'fields:'] // prettier-ignore
    for (const more of good) expect(of(more)).toEqual([])
    const bad = ['date: yesterday', 'date: 2026-02-30', 'modified: 2026-13-01', 'date: 20261123', 'tags: attack.t1078', 'tags: [exfiltration]', 'tags: [7]', 'related: [{ type: similar }]', `related: [{ id: ${id}, type: cousin }]`, 'related: [{ id: view, type: similar }]', 'status: done', 'level: huge', 'references: a', 'fields: a', 'fields: [7]', 'falsepositives: a', 'scope: server'] // prettier-ignore
    for (const more of bad) expect(of(more)).toMatchObject([{ file: '0.yml', line: 1, reason: expect.stringMatching(/^`(date|modified|tags|related|status|level|references|fields|falsepositives|scope)/) }]) // prettier-ignore
    const generate = (value: string) => load(base('view'), `${count('  rules: [view]\n  condition: { gt: 1 }')}\ngenerate: ${value}\n`).problems // prettier-ignore
    const counting = (more: string) => load(base('view'), `${more}\n${count('  rules: [view]\n  condition: { gt: 1 }')}`).problems // prettier-ignore
    expect(counting('falsepositives: a')).toEqual([]) // the schema of correlations lets it be a text
    expect(counting('references: a')).toMatchObject([{ file: '1.yml', line: 1, reason: '`references`: is a list of texts' }]) // prettier-ignore
    expect(generate('true')).toEqual([])
    expect(generate("'yes'")).toMatchObject([{ file: '1.yml', line: 9, reason: '`generate`: is true or false' }])
  })

  it('changes the version with what a rule is made of, not with how it is written', () => {
    const version = (...files: string[]) => named<CorrelationRule>(load(...files), 'many').version
    const rule = count('  rules: [view]\n  condition: { gt: 5 }')
    const before = version(base('view'), rule)
    expect(before).toMatch(/^[0-9a-f]{12}$/)
    expect(version(base('view').replace('title', '# a comment\ntitle'), rule)).toBe(before)
    expect(version(base('view', 'export'), rule)).not.toBe(before)
    expect(version(base('view'), rule.replace('5', '6'))).not.toBe(before)
    expect(version(base('view'), rule, filter('[view]'))).not.toBe(before)
  })
})

const filter = (rules: string, logsource = '{ product: custodia }') =>
  `title: Not the auditors\nlogsource: ${logsource}\nfilter:\n  rules: ${rules}\n  sel: { role: auditor }\n  condition: not sel\n`

describe('what is wrong', () => {
  const wrong = `title: Much is wrong
id: none
level: sevre
logsource: { product: custodia }
detection:
  a:
    ip|cidr: 10.0.0.0/64
    reason|re: '('
  b: { bytes|lt: many }
  condition: a and c
custodia:
  respond: [freez]
  suppress: abc
`
  const lines = (yaml: string) => load(yaml).problems.map(({ line }) => line)

  it('with one document is told at once, each at its line', () => {
    expect(lines(wrong)).toEqual([2, 3, 7, 8, 9, 10, 12, 13])
    expect(lines(wrong.replace('id: none\nlevel: sevre\n', ''))).toEqual([5, 6, 7, 8, 10, 11])
  })

  it('with a document is told beside what cannot be read of another', () => {
    expect(lines(`${wrong}---\nf: [\n`)).toEqual([16, 2, 3, 7, 8, 9, 10, 12, 13])
  })

  it('with a correlation is told at once, too', () => {
    expect(
      lines(`title: T\ncorrelation: { type: event_cont, rules: [], timespan: 5x }\ncustodia: { hold: 1 }\n`),
    ).toEqual([2, 2, 2, 3])
  })
})

describe('filters', () => {
  const judge = (...files: string[]) => {
    const result = load(base('view'), base('export'), ...files)
    const hits = result.rules.filter(
      (rule) => rule.kind === 'detection' && rule.matches({ action: rule.name, role: 'auditor' }),
    )
    return { hits: hits.map(({ name }) => name), reasons: result.problems.map(({ reason }) => reason) }
  }

  it('add their condition to the rules they list', () => {
    expect(judge(filter('[view]'))).toEqual({ hits: ['export'], reasons: [] })
    expect(judge(filter('any'))).toEqual({ hits: [], reasons: [] })
    expect(judge(filter('any', '{ product: windows }'))).toEqual({ hits: ['view', 'export'], reasons: [] })
  })

  it('say what they cannot apply to', () => {
    expect(judge(filter('[gone, view]'))).toEqual({ hits: ['export'], reasons: ['no rule is called `gone`'] })
    expect(judge(filter('[view]', '{ product: windows }')).reasons).toEqual(['`view` has another log source'])
    expect(judge(filter('[many]'), count('  rules: [view]\n  condition: { gt: 1 }')).reasons[0]).toContain(
      'is a correlation',
    )
    expect(judge(filter('3')).reasons[0]).toContain('filter.rules')
  })
})
