import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
interface Edit {
  file: string
  replace: string
  by: string
}
interface Mutation extends Edit {
  row: string
  off: string
  also?: Edit[]
  suite?: string
  test: string
  name: string
}
const mutations = JSON.parse(read('deploy/security/mutations.json')) as Mutation[]
const rows = read('docs/security/asvs.md')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', , , state = '', control = '', test = ''] = line.split(' | ').length > 4 ? cells(line) : []
    return /^[VC]\d/.test(id) ? [{ id, state, control, test }] : []
  })
function cells(line: string): string[] {
  return line.split('|').map((cell) => cell.trim())
}

/** As the table writes paths: below backend/src, unless they begin elsewhere. */
const found = (path: string): string | undefined =>
  [join('backend/src', path), path].find((file) => existsSync(join(root, file)))
const pathsIn = (cell: string): string[] =>
  [...cell.matchAll(/`([\w./-]+\/[\w./-]+)`/g)].flatMap(([, path = '']) => [path])

/** How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has: they come before those of level 3. */
const sections: Record<string, number> = {
  ...{ 'V6.1': 3, 'V6.2': 12, 'V6.3': 4, 'V6.4': 4, 'V6.5': 5, 'V6.6': 3, 'V6.8': 4 },
  ...{ 'V7.1': 3, 'V7.2': 4, 'V7.3': 2, 'V7.4': 5, 'V7.5': 2, 'V7.6': 2 },
  ...{ 'V8.1': 2, 'V8.2': 3, 'V8.3': 1, 'V8.4': 1, 'V9.1': 3, 'V9.2': 4 },
  ...{ 'V10.1': 2, 'V10.2': 2, 'V10.3': 4, 'V10.4': 11, 'V10.5': 5, 'V10.6': 2, 'V10.7': 3 },
}
const requirements = Object.entries(sections).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, n) => `${section}.${n + 1}`),
)
/** `V10.3.1 – V10.3.4` is one row for four. */
const covered = ({ id }: { id: string }): string[] => {
  const [from = '', to = from] = id.split(' – ')
  return requirements.slice(requirements.indexOf(from), requirements.indexOf(to) + 1)
}

describe('docs/security/asvs.md', () => {
  it('has a row for every requirement of levels 1 and 2 in these chapters, or a reason', () => {
    const ofTheStandard = rows.filter(({ id }) => id.startsWith('V'))
    expect(ofTheStandard.flatMap(covered).sort()).toEqual([...requirements].sort())
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
  })

  it.each(mutations.map((each) => [each.row, each] as const))(
    '%s still finds its text, once, and its test',
    (row, each) => {
      for (const { file, replace, by } of [each, ...(each.also ?? [])]) {
        expect(read(file).split(replace)).toHaveLength(2)
        expect(replace).not.toBe(by)
      }
      if (each.suite) expect(read(each.suite)).toContain(basename(each.test).replace(/ts$/, 'js'))
      expect(read(each.test)).toContain(each.name)
      const { test = '' } = rows.find(({ id }) => id === row) ?? {}
      expect(found(pathsIn(test)[0] ?? '')).toBe(each.test)
      expect(each.name).toContain(test.split(' › ')[1])
    },
  )
})
