// `npm run asvs:check`: each control of docs/security/asvs.md that mutations.json names is switched off in a copy of the sources, and the
// test that the table names must turn red there. The sources themselves are not touched. After `--`: rows to look at (V6.2.1 C3), or
// `--sample 10 --seed 7` for as many drawn by lot; without a seed the one that was drawn is printed.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const all = JSON.parse(readFileSync(new URL('mutations.json', import.meta.url), 'utf8'))
const mutations = chosen()
if (mutations.length === 0) {
  process.stderr.write(`no such row; there are ${all.map(({ row }) => row).join(' ')}\n`)
  process.exit(2)
}

function chosen() {
  const { values, positionals: rows } = parseArgs({
    allowPositionals: true,
    options: { sample: { type: 'string' }, seed: { type: 'string' } },
  })
  const named = all.filter(({ row }) => rows.length === 0 || rows.includes(row))
  if (!values.sample) return named
  const seed = Number(values.seed ?? randomInt(1e9))
  process.stdout.write(`${values.sample} of ${named.length} rows, seed ${seed}\n\n`)
  const next = lot(seed)
  const drawn = named.map((each) => [next(), each]).sort(([a], [b]) => a - b)
  const kept = new Set(drawn.slice(0, Number(values.sample)).map(([, each]) => each))
  return named.filter((each) => kept.has(each))
}

/** mulberry32: the same numbers for the same seed, everywhere */
function lot(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const copy = mkdtempSync(join(tmpdir(), 'custodia-asvs-'))
const report = join(copy, 'report.json')
/** A contract is run by the suite that says so; every other test is its own. */
const suiteOf = ({ suite, test }) => suite ?? test
/** Names stand in the sources with `%s` where each case has a word of its own. */
const patternOf = (name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('%s', '.*')

/** How many of the named tests passed, failed, and ran out of time: on a machine that is busy that proves nothing. */
function run(suite, names) {
  const { status } = spawnSync(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js')],
      ...['--config', join(copy, 'deploy/checks/jest.config.mjs'), '--runInBand', '--json', '--outputFile', report],
      ...['--forceExit', '--testTimeout', '300000'],
      ...['--runTestsByPath', join(copy, suite), '-t', names.map(patternOf).join('|')],
    ],
    { cwd: copy, stdio: 'ignore' },
  )
  if (status === null) throw new Error('the test run was ended from outside')
  const told = JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap(({ assertionResults }) => assertionResults)
  return names.map((name) => {
    const mine = told.filter(({ fullName }) => new RegExp(patternOf(name)).test(fullName))
    const failed = mine.filter(({ status }) => status === 'failed')
    const late = failed.filter(({ failureMessages }) => failureMessages.some((text) => /Exceeded timeout/.test(text)))
    const passed = mine.filter(({ status }) => status === 'passed').length
    return { name, passed, failed: failed.length - late.length, late: late.length }
  })
}
const stateOf = ({ passed, failed, late }) => (failed ? 'red' : late ? 'TIMED OUT' : passed ? 'green' : 'NOT FOUND')

/** Runs the test with the control switched off, and switches it on again. More than one place where two layers do the same. */
function without({ row, file, replace, by, also = [] }, test) {
  const edits = [{ file, replace, by }, ...also]
  const before = new Map(edits.map((edit) => [edit.file, readFileSync(join(copy, edit.file), 'utf8')]))
  for (const edit of edits) {
    const source = readFileSync(join(copy, edit.file), 'utf8')
    const places = source.split(edit.replace).length - 1
    if (places !== 1) throw new Error(`${row}: ${edit.file} has its text ${places} times instead of once`)
    writeFileSync(
      join(copy, edit.file),
      source.replace(edit.replace, () => edit.by),
    )
  }
  try {
    return test()
  } finally {
    for (const [path, source] of before) writeFileSync(join(copy, path), source)
  }
}

let wrong = 0
try {
  for (const name of ['backend', 'deploy', 'package.json', 'tsconfig.json', 'streams', 'docs', 'dashboard'])
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !['node_modules', 'dist'].includes(basename(path)) || path.includes('src'),
    })
  // What was built stays where it is: the packages that tests import by name, and the audit store that they start.
  for (const name of ['node_modules', 'streams/dist', 'package-lock.json'])
    symlinkSync(join(root, name), join(copy, name))

  process.stdout.write('| row | switched off | test | with the control | without |\n|---|---|---|---|---|\n')
  for (const [suite, of] of Map.groupBy(mutations, suiteOf)) {
    // Red proves nothing where the test was red before.
    const healthy = run(suite, [...new Set(of.map(({ name }) => name))])
    for (const mutation of of) {
      const { row, off, test, name } = mutation
      const [broken] = without(mutation, () => run(suite, [name]))
      const before = stateOf(healthy.find((each) => each.name === name))
      const after = stateOf(broken)
      if (before !== 'green' || after !== 'red') wrong++
      process.stdout.write(`| ${row} | ${off} | ${basename(test)}: ${name} | ${before} | ${after} |\n`)
    }
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(`\n${mutations.length - wrong} of ${mutations.length} tests notice that their control is off\n`)
process.exitCode = wrong ? 1 : 0
