import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'

const base =
  'title: View\nname: view\nlogsource: { category: access }\ndetection:\n  sel: { action: photo_view }\n  condition: sel\n'
const load = (keys: string, condition = '{ gt: 50 }', groupBy = '[actor]') => {
  const correlation = `title: Many\nname: many\ncorrelation:\n  type: event_count\n  rules: [view]\n  group-by: ${groupBy}\n  timespan: 10m\n  condition: ${condition}\n`
  const { rules, problems } = loadRules([{ file: 'a.yml', yaml: `${base}---\n${correlation}${keys}` }])
  return { keys: rules.find(({ name }) => name === 'many')?.custodia, problem: problems[0] }
}

describe('custodia keys', () => {
  it('tell in the alert’s sentence only what its group has', () => {
    const text = `custodia:\n  text:\n    en: '{group.branch}'\n    zh: '{actor}'\n`
    expect(load(text, undefined, '[actor, branch]').problem).toBeUndefined()
    expect(load(text).problem).toMatchObject({
      file: 'a.yml',
      line: 18,
      reason: expect.stringContaining('only of actor'),
    })
    expect(load(text, undefined, '[]').problem?.reason).toContain('of nothing')
  })

  it('are read', () => {
    const text = {
      en: '{actor} opened {value} of {limit} in {window} at {group.branch}',
      zh: '{actor} 打开了 {value} 张',
    }
    const { keys, problem } = load(
      `custodia:\n  respond: [notify, freeze: 1h]\n  hold: true\n  mode: shadow\n  suppress: 30m\n  text: ${JSON.stringify(text)}\n` +
        '  clauses: [PIPL 51]\n  runbook: https://example.test/runbook\n  numbers: twice the busiest clerk\n',
      undefined,
      '[actor, branch]',
    )
    expect(problem).toBeUndefined()
    expect(keys).toEqual({
      respond: [{ do: 'alert' }, { do: 'notify' }, { do: 'freeze', for_seconds: 3600 }],
      hold: true,
      mode: 'shadow',
      suppressSeconds: 1800,
      text,
    })
  })

  it('have safe defaults', () =>
    expect(load('').keys).toEqual({ respond: [{ do: 'alert' }], hold: false, mode: 'live', suppressSeconds: 600 }))

  it('hold only a limit of an actor', () => {
    const hold = 'custodia:\n  hold: true\n'
    expect(load(hold, '{ gte: 50 }').problem).toMatchObject({ line: 17, reason: expect.stringContaining('gt: N') })
    expect(load(hold, '{ gt: 50, lt: 90 }').problem?.reason).toContain('gt: N')
    expect(load(hold, '{ gt: 50 }', '[ip]').problem?.reason).toContain('actor')
    expect(loadRules([{ file: 'a.yml', yaml: base + hold }]).problems[0]?.reason).toContain('needs a correlation')
  })

  it('are refused with their line when they are not known', () => {
    const refused = {
      '  freeze: 1h': 'not a key known here',
      '  respond: [explode]': 'is one of alert, notify',
      '  respond: [freeze: soon]': 'is one of alert, notify',
      '  respond: [alert: 1h]': 'is one of alert, notify',
      '  respond: [freeze, freeze: 1h]': 'twice',
      '  runbook: { en: Call the person. }': 'in `zh`',
      '  mode: loud': 'custodia.mode',
      '  suppress: 10': 'is a duration',
      '  text: { en: only }': 'custodia.text.zh',
      '  text: { en: "{who}", zh: x }': '{who} is not one of',
      '  exceptions: [a]': 'custodia.exceptions.0',
      '  clauses: [PIPL 75]': 'cites what there is not',
      '  clauses: [PIPL 0]': 'cites what there is not',
      '  clauses: [PIPL fifty]': 'is not cited like',
      '  clauses: [PCI 8.3]': 'is not cited like',
      '  clauses: [ATT&CK T15]': 'is not cited like',
    }
    for (const [keys, reason] of Object.entries(refused)) {
      const { problem } = load(`custodia:\n${keys}\n`)
      expect(problem?.reason).toContain(reason)
      expect(problem?.line).toBe(17)
    }
  })
})
