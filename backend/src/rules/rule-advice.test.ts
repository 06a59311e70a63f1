import { describe, expect, it } from '@jest/globals'
import { adviceOf } from './rule-advice.js'

const head =
  'logsource: { product: custodia, category: access }\ndetection: { any: { action: view }, condition: any }\n'
const files = [
  {
    file: 'two.yml',
    yaml: `title: First\nname: first\n${head}custodia: { clauses: [PIPL 51], runbook: { en: Call them., zh: 致电此人。 } }
---
title: Second\nname: second\n${head}custodia: { runbook: 'https://example.test/second' }\n`,
  },
  { file: 'unnamed.yml', yaml: `title: Without a name\n${head}` },
]

describe('what a rule tells who judges its alerts', () => {
  const rules = [
    { name: 'first', file: 'two.yml' },
    { name: 'second', file: 'two.yml' },
    { name: 'unnamed', file: 'unnamed.yml' },
  ]
  const set = { rules, files }

  it('is that of the document of its name', () => {
    const runbook = { en: 'Call them.', zh: '致电此人。' }
    expect(adviceOf(set, 'first')).toEqual({ file: 'two', runbook, clauses: ['PIPL 51'] })
    const elsewhere = { en: 'https://example.test/second' }
    expect(adviceOf(set, 'second')).toEqual({ file: 'two', runbook: elsewhere, clauses: [] })
  })

  it('may be nothing but the file, or nothing at all', () => {
    expect(adviceOf(set, 'unnamed')).toEqual({ file: 'unnamed', runbook: undefined, clauses: [] })
    expect(adviceOf(set, 'gone')).toBeUndefined()
  })
})
