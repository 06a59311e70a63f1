import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { keyRows, keyTable, markdownTable } from './keys-table.js'

const file = (path: string) => readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), 'utf8')

describe('the table of keys', () => {
  it('is docs/configuration.md: npx custodia doctor --keys --markdown > docs/configuration.md', () => {
    expect(file('docs/configuration.md')).toBe(markdownTable())
  })

  it('has every key that the README explains, with the same default', () => {
    const rows = new Map(keyRows().map(({ name, byDefault }) => [name, byDefault]))
    const section = file('README.md').split('## Configuration')[1]?.split('\n## ')[0] ?? ''
    const told = [...section.matchAll(/^\| (`[^|]*`) \| ([^|]*?) ?\|/gm)]
    expect(told.length).toBeGreaterThan(5)
    for (const [, words = '', byDefault = ''] of told) {
      const [first = '', ...others] = words.split(', ').map((word) => word.replaceAll('`', ''))
      // `CUSTODIA_S3_ENDPOINT`, `_REGION`: the rest of the name is the first one's
      const names = [
        first,
        ...others.map((each) => (each.startsWith('_') ? first.split('_').slice(0, 2).join('_') + each : each)),
      ]
      for (const name of names) expect([name, rows.has(name)]).toEqual([name, true])
      if (names.length === 1 && rows.get(first)) expect([first, byDefault]).toEqual([first, `\`${rows.get(first)}\``])
    }
  })

  it('tells of secrets that a file may hold them', () => {
    expect(keyTable()).toMatch(/CUSTODIA_POSTGRES_URL .*CUSTODIA_POSTGRES_URL_FILE/)
  })
})
