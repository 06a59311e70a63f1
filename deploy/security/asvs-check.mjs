// `npm run asvs:check`: each control of docs/security/asvs.md that mutations.json names is switched off in a copy of the sources, and the
// test that the table names must turn red there. The sources themselves are not touched. Words after `--` choose rows: V6.2.1 V7.3.1.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const wanted = process.argv.slice(2).filter((word) => /^V\d/.test(word))
const all = JSON.parse(readFileSync(new URL('mutations.json', import.meta.url), 'utf8'))
const mutations = all.filter(({ row }) => wanted.length === 0 || wanted.includes(row))
if (mutations.length === 0) {
  process.stderr.write(`no such row; there are ${all.map(({ row }) => row).join(' ')}\n`)
  process.exit(2)
}

const copy = mkdtempSync(join(tmpdir(), 'custodia-asvs-'))
const report = join(copy, 'report.json')
const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** How many of the named tests passed and failed. */
function run(test, names) {
  const { status } = spawnSync(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js')],
      ...['--config', join(copy, 'deploy/checks/jest.config.mjs'), '--runInBand', '--json', '--outputFile', report],
      ...['--runTestsByPath', join(copy, test), '-t', names.map(quoted).join('|')],
    ],
    { cwd: copy, stdio: 'ignore' },
  )
  if (status === null) throw new Error('the test run was ended from outside')
  const told = JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap(({ assertionResults }) => assertionResults)
  return names.map((name) => {
    const mine = told.filter(({ fullName }) => fullName.includes(name))
    return { name, passed: count(mine, 'passed'), failed: count(mine, 'failed') }
  })
}
const count = (results, status) => results.filter((result) => result.status === status).length

let wrong = 0
try {
  for (const name of ['backend', 'deploy', 'package.json', 'tsconfig.json', 'streams', 'docs', 'dashboard'])
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !['node_modules', 'dist'].includes(basename(path)) || path.includes('src'),
    })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

  // Red proves nothing where the test was red before.
  const byTest = Map.groupBy(mutations, ({ test }) => test)
  const green = new Set()
  for (const [test, of] of byTest)
    for (const { name, passed, failed } of run(test, [...new Set(of.map((each) => each.name))]))
      if (passed > 0 && failed === 0) green.add(`${test} ${name}`)

  process.stdout.write('| row | switched off | test | with the control | without |\n|---|---|---|---|---|\n')
  for (const { row, off, file, replace, by, test, name } of mutations) {
    const path = join(copy, file)
    const source = readFileSync(path, 'utf8')
    const places = source.split(replace).length - 1
    if (places !== 1) throw new Error(`${row}: ${file} has its text ${places} times instead of once`)
    writeFileSync(
      path,
      source.replace(replace, () => by),
    )
    const [{ failed } = { failed: 0 }] = run(test, [name])
    writeFileSync(path, source)
    const [before, after] = [green.has(`${test} ${name}`) ? 'green' : 'NOT GREEN', failed > 0 ? 'red' : 'STILL GREEN']
    if (before !== 'green' || after !== 'red') wrong++
    process.stdout.write(`| ${row} | ${off} | ${basename(test)}: ${name} | ${before} | ${after} |\n`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(`\n${mutations.length - wrong} of ${mutations.length} tests notice that their control is off\n`)
process.exitCode = wrong ? 1 : 0
