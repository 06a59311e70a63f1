import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { compileRules } from './run/rule-set.js'
import { runInMemory } from './testing/in-memory-run.js'
import { eventsOf, readRuleCases } from './testing/rule-cases.js'

const folder = new URL('../../rules/', import.meta.url)
const names = readdirSync(folder)
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')
const ruleFiles = names.filter((name) => name.endsWith('.yml') && !name.endsWith('.cases.yml'))
const pack = compileRules(ruleFiles.map((file) => ({ file, yaml: read(file) })))

describe('the shipped rules', () => {
  it('load without a problem', () => expect(pack.problems).toEqual([]))

  it('each alert in both languages and say where their numbers come from', () => {
    for (const { name, custodia } of pack.rules.filter((rule) => rule.alerts))
      expect({ name, text: custodia.text }).toEqual({ name, text: { en: expect.any(String), zh: expect.any(String) } })
    for (const file of ruleFiles) expect(read(file)).toContain('numbers:')
  })

  it('have no cases without a rule', () => {
    const orphans = names.filter((name) => name.endsWith('.cases.yml') && !names.includes(name.replace('.cases', '')))
    expect(orphans).toEqual([])
  })

  describe.each(ruleFiles)('%s', (file) => {
    const cases = readRuleCases(read(file.replace('.yml', '.cases.yml')))
    const rule = pack.rules.find((one) => one.file === file && one.alerts)
    const run = [
      ...cases.fires.map((one) => ({ ...one, kind: 'fires' })),
      ...cases.silent.map((one) => ({ ...one, kind: 'stays silent' })),
    ]
    it.each(run)('$kind: $name', (one) => {
      expect(one.alerts.length > 0).toBe(one.kind === 'fires')
      const events = eventsOf(one)
      const numberOf = (id: string): number => events.findIndex(({ event }) => event.id === id) + 1
      const { alerts, verdicts } = runInMemory(pack.rules, events)
      const raised = alerts.filter((alert) => alert.rule === rule?.name)
      const expected = one.alerts.map((alert) => expect.objectContaining(alert))
      expect(raised.map(({ event_id, value, group }) => ({ at: numberOf(event_id), value, group }))).toEqual(expected)
      const refused = verdicts.filter((verdict) => verdict.verdict === 'refused' && verdict.rule === rule?.name)
      expect(refused.map((verdict) => numberOf(verdict.event_id))).toEqual(one.refused)
    })
  })
})
