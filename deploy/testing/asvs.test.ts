import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const mutations = JSON.parse(read('deploy/security/mutations.json')) as Record<
  'row' | 'off' | 'file' | 'replace' | 'by' | 'test' | 'name',
  string
>[]
const rows = read('docs/security/asvs.md')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', , , state = '', control = '', test = ''] = line.split(' | ').length > 4 ? cells(line) : []
    return /^V\d/.test(id) ? [{ id, state, control, test }] : []
  })
function cells(line: string): string[] {
  return line.split('|').map((cell) => cell.trim())
}

/** As the table writes paths: below backend/src, unless they begin elsewhere. */
const found = (path: string): string | undefined =>
  [join('backend/src', path), path].find((file) => existsSync(join(root, file)))
const pathsIn = (cell: string): string[] =>
  [...cell.matchAll(/`([\w./-]+\/[\w./-]+)`/g)].flatMap(([, path = '']) => [path])

describe('docs/security/asvs.md', () => {
  it('has a row for every requirement of levels 1 and 2 in these chapters, or a reason', () => {
    expect(rows.length).toBeGreaterThan(60)
    for (const { id, state } of rows)
      expect([id, state]).toEqual([id, expect.stringMatching(/^(yes|part|gap|n\/a)( ⚡)?$/)])
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  })

  it.each(rows.map((row) => [row.id, row] as const))(
    '%s names files and tests that exist',
    (_id, { state, control, test }) => {
      expect([...pathsIn(control), ...pathsIn(test)].filter((path) => !found(path))).toEqual([])
      if (/^(yes|part)/.test(state)) expect(pathsIn(test)).toHaveLength(1)
      const name = test.split(' › ')[1]
      if (name) expect(read(found(pathsIn(test)[0] ?? '') ?? '')).toContain(name)
    },
  )
})

describe('the controls that asvs:check switches off', () => {
  it('are those that the table marks', () => {
    const marked = rows.filter(({ state }) => state.includes('⚡')).map(({ id }) => id)
    expect(mutations.map(({ row }) => row).sort()).toEqual(marked.sort())
    expect(mutations.length).toBeGreaterThanOrEqual(12)
  })

  it.each(mutations.map((each) => [each.row, each] as const))(
    '%s still finds its text, once, and its test',
    (row, each) => {
      expect(read(each.file).split(each.replace)).toHaveLength(2)
      expect(each.replace).not.toBe(each.by)
      expect(read(each.test)).toContain(each.name)
      const { test = '' } = rows.find(({ id }) => id === row) ?? {}
      expect(found(pathsIn(test)[0] ?? '')).toBe(each.test)
      expect(each.name).toContain(test.split(' › ')[1])
    },
  )
})
