import type { RuleSummary } from '@custodia/contracts'
import { describe, expect, it } from '@jest/globals'
import { arranged, filterOf, isFiltered, sortedBy, sortOf, withoutFilters, type RuleRow } from './rule-list.js'

interface Part extends Partial<RuleSummary> {
  shown?: string
  alerts?: number[]
  judged?: [right: number, wrong: number]
  changed_at?: string
}
const aRow = (name: string, { shown, alerts = [], judged = [0, 0], changed_at, ...part }: Part = {}): RuleRow => {
  const rule: RuleSummary = {
    name,
    title: `Title of ${name}`,
    version: 'v',
    file: `${name}.yml`,
    severity: 'medium',
    mode: 'live',
    hold: false,
    respond: ['alert'],
    group_by: ['actor'],
    ...part,
  }
  return {
    rule,
    title: shown ?? rule.title,
    file: name,
    kept: changed_at ? { name, changed_at, open: [] } : undefined,
    figures: { rule: name, alerts, shadow: 0, true: judged[0], benign: 0, false: judged[1] },
  }
}
const namesOf = (rows: readonly RuleRow[]) => rows.map(({ rule }) => rule.name)
const shownOf = (rows: readonly RuleRow[], filter: Parameters<typeof arranged>[1]) =>
  namesOf(arranged(rows, filter, 'en'))

describe('the address of the list of rules', () => {
  it('gives what the list knows and nothing else', () => {
    const query = { q: ' bulk ', mode: 'live', severity: 'grave', does: ['freeze'], sort: '-rate', other: 'x' }
    expect(filterOf(query)).toEqual({ q: 'bulk', mode: 'live', sort: '-rate' })
    expect(filterOf({ q: ' ', sort: 'responds' })).toEqual({})
  })
  it('without its filters keeps the order', () => {
    const filter = filterOf({ q: 'bulk', sort: 'title' })
    expect([isFiltered(filter), isFiltered(withoutFilters(filter))]).toEqual([true, false])
    expect(withoutFilters(filter)).toEqual({ sort: 'title' })
  })
  it('a column chosen again turns round; the usual order is not told', () => {
    expect(sortOf({})).toEqual({ column: 'severity', descending: true })
    expect(sortedBy({}, 'severity')).toEqual({ sort: 'severity' })
    expect(sortedBy({ sort: 'severity' }, 'severity')).toEqual({ sort: undefined })
    expect(sortedBy({ q: 'x' }, 'title')).toEqual({ q: 'x', sort: 'title' })
    expect(sortedBy({ sort: 'title' }, 'title')).toEqual({ sort: '-title' })
    expect(sortedBy({ sort: 'title' }, 'changed')).toEqual({ sort: '-changed' })
  })
})

describe('what is searched for', () => {
  const rows = [
    aRow('bulk-export', { title: 'Bulk export', shown: '批量导出' }),
    aRow('many-exports', { title: 'Many exports', shown: '多次导出' }),
  ]
  it('is found by the title as it is read, by the one in the file and by the name', () => {
    expect(shownOf(rows, { q: '批量' })).toEqual(['bulk-export'])
    expect(shownOf(rows, { q: 'MANY EXPORTS' })).toEqual(['many-exports'])
    expect(shownOf(rows, { q: 'bulk-exp' })).toEqual(['bulk-export'])
  })
  it('has every word, wherever it stands', () => {
    expect(shownOf(rows, { q: 'export  导出' })).toHaveLength(2)
    expect(shownOf(rows, { q: 'export canary' })).toEqual([])
  })
})

describe('the filters', () => {
  const rows = [
    aRow('alerts', { respond: ['alert', 'notify'], severity: 'low' }),
    aRow('blocks', { respond: ['alert', 'block'], mode: 'off' }),
    aRow('freezes', { respond: ['alert', 'freeze'], mode: 'shadow' }),
    aRow('holds', { respond: ['alert', 'freeze'], hold: true }),
  ]
  it('take rules by what they do', () => {
    expect(shownOf(rows, { does: 'freeze' })).toEqual(['freezes', 'holds'])
    expect(shownOf(rows, { does: 'hold' })).toEqual(['holds'])
    expect(shownOf(rows, { does: 'alert' })).toEqual(['alerts'])
  })
  it('hold together', () => {
    expect(shownOf(rows, { mode: 'off' })).toEqual(['blocks'])
    expect(shownOf(rows, { severity: 'low', does: 'freeze' })).toEqual([])
  })
})

describe('the order', () => {
  const rows = [
    aRow('a', { alerts: [1, 1], judged: [1, 1], mode: 'off', severity: 'low', shown: 'Z' }),
    aRow('b', { alerts: [0, 9], severity: 'critical', shown: 'y', changed_at: '2026-03-02T00:00:00.000Z' }),
    aRow('c', { judged: [3, 0], mode: 'shadow', shown: 'X', changed_at: '2026-03-10T00:00:00.000Z' }),
  ]
  it('is by gravity and then by name, until a column is chosen', () => {
    expect(shownOf(rows, {})).toEqual(['b', 'c', 'a'])
    expect(shownOf([aRow('n'), aRow('m')], {})).toEqual(['m', 'n'])
  })
  it('is that of each column', () => {
    expect(shownOf(rows, { sort: 'title' })).toEqual(['c', 'b', 'a'])
    expect(shownOf(rows, { sort: '-mode' })).toEqual(['b', 'c', 'a'])
    expect(shownOf(rows, { sort: '-rate' })).toEqual(['b', 'a', 'c'])
    expect(shownOf(rows, { sort: 'severity' })).toEqual(['a', 'c', 'b'])
  })
  it('leaves what was not judged or changed for the end, either way round', () => {
    expect(shownOf(rows, { sort: 'precision' })).toEqual(['a', 'c', 'b'])
    expect(shownOf(rows, { sort: '-precision' })).toEqual(['c', 'a', 'b'])
    expect(shownOf(rows, { sort: 'changed' })).toEqual(['b', 'c', 'a'])
    expect(shownOf(rows, { sort: '-changed' })).toEqual(['c', 'b', 'a'])
  })
})
