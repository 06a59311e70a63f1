import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { testRules } from './cases/index.js'
import { ownKeys } from './sigma/custodia-keys.js'
import { compileRules } from './run/rule-set.js'

const text = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8')
const indented = (block: string): string => block.replace(new RegExp(`^${/^ */.exec(block)?.[0]}`, 'gm'), '')
const yamls = [...text.matchAll(/^ *```yaml\n(.*?)^ *```/gms)].map(([, block]) => indented(block!))
const isCases = (block: string): boolean => block.startsWith('fires:')
const blocks = yamls.filter((block) => !isCases(block))
const rule = `title: Many
name: many
correlation: { type: event_count, rules: [seen], group-by: [actor, branch], timespan: 10m, condition: { gt: 50 } }
`
const base = `---
title: Seen
name: seen
logsource: { product: custodia, category: access }
detection: { selection: { action: view, outcome: [granted, allowed] }, condition: selection }
`
const whole = (block: string): string => (block.startsWith('custodia:') ? `${rule}${block}${base}` : block)

describe('docs/rules.md', () => {
  it.each(blocks.map((block) => [block.trim().split('\n').slice(0, 3).join(' '), block]))(
    'shows what loads: %s',
    (_, block) => {
      const { rules, problems } = compileRules([{ file: 'example.yml', yaml: whole(block) }])
      expect(problems).toEqual([])
      expect(rules.length).toBeGreaterThan(1)
    },
  )

  it('shows cases that hold, of the first rule that it shows', () => {
    const [cases = ''] = yamls.filter(isCases)
    const results = testRules([{ file: 'x.yml', yaml: yamls[0]! }], [{ file: 'x.cases.yml', yaml: cases }])
    expect(results.map(({ problems }) => problems)).toEqual([[], []])
  })

  it('has an example of every key of our own, and a line in the table', () => {
    const shown = new Set(blocks.flatMap((block) => [...block.matchAll(/^ {2}([a-z]+):/gm)].map(([, key]) => key)))
    const listed = new Set([...text.matchAll(/^\| `([a-z]+)`/gm)].map(([, key]) => key))
    for (const key of ownKeys) expect([key, shown.has(key), listed.has(key)]).toEqual([key, true, true])
  })

  it('has examples in the table that load', () => {
    const examples = [...text.matchAll(/^\| `([a-z]+)` *\| `(\1: [^`]*)`/gm)].map(([, , example]) => example!)
    expect(examples.length).toBeGreaterThan(5)
    for (const example of examples) {
      const yaml = whole(`custodia:\n  ${example.replaceAll('…', 'words')}\n`)
      expect([example, compileRules([{ file: 'example.yml', yaml }]).problems]).toEqual([example, []])
    }
  })
})
