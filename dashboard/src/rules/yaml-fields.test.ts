import { describe, expect, it } from '@jest/globals'
import { readField, writeField } from './yaml-fields.js'

const rule = `# ours since March
title: Bulk view # said in the list
level: high
correlation:
  type: value_count
  timespan: 10m
  condition:
    field: customer_id
    gt: 50 # twice the busiest clerk
custodia:
  respond: [alert, freeze: 1h]
  mode: shadow
---
title: The second
level: low
`

describe('a field of a rule', () => {
  it('is read of the first rule, as it is written', () => {
    expect(readField(rule, ['title'])).toBe('Bulk view')
    expect(readField(rule, ['correlation', 'condition', 'gt'])).toBe('50')
    expect(readField(rule, ['custodia', 'respond'])).toBe('[alert, freeze: 1h]')
    expect(readField(rule, ['custodia', 'hold'])).toBeUndefined()
    expect(readField('a: {b: {c: d}}', ['a', 'b', 'c'])).toBe('d')
    expect(readField('title: [', ['level'])).toBeUndefined()
  })

  it('is written where it stands; nothing else moves, comments stay', () => {
    expect(writeField(rule, ['correlation', 'condition', 'gt'], '40')).toBe(rule.replace('gt: 50', 'gt: 40'))
    expect(writeField(rule, ['title'], 'Other')).toBe(rule.replace('Bulk view', 'Other'))
    expect(writeField('a: {b: 1, c: 2}', ['a', 'b'], '9')).toBe('a: {b: 9, c: 2}')
  })

  it('that is new stands at the end of its map', () => {
    expect(writeField(rule, ['custodia', 'hold'], 'true')).toBe(
      rule.replace('mode: shadow', 'mode: shadow\n  hold: true'),
    )
    expect(writeField('title: t\nlevel: low', ['custodia', 'mode'], 'off')).toBe(
      'title: t\nlevel: low\ncustodia:\n  mode: off',
    )
    expect(writeField('custodia: { hold: true }', ['custodia', 'mode'], 'off')).toBe(
      'custodia: { hold: true, mode: off }',
    )
    expect(writeField('title: t\n---\nx: y\n', ['level'], 'low')).toBe('title: t\nlevel: low\n---\nx: y\n')
  })

  it('goes when it is emptied, and a map with nothing left in it goes too', () => {
    expect(writeField(rule, ['custodia', 'mode'], '')).toBe(rule.replace('\n  mode: shadow', ''))
    expect(writeField('title: t\ncustodia:\n  mode: off\nlevel: low\n', ['custodia', 'mode'], '')).toBe(
      'title: t\nlevel: low\n',
    )
    expect(writeField('c: { a: 1, mode: off }', ['c', 'mode'], '')).toBe('c: { a: 1 }')
  })

  it('of what is no rule yet is left alone', () => {
    expect(writeField('', ['level'], 'low')).toBe('')
    expect(writeField('- a', ['level'], 'low')).toBe('- a')
  })
})
