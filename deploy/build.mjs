// Builds what is missing or older than its source: `npm run build`, and before `npm start`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
process.chdir(root)

/** Newest change below a folder, and how many files there are (a removed file is a change too). */
function newest(path) {
  const stat = statSync(path)
  if (stat.isFile()) return { time: stat.mtimeMs, files: 1 }
  return readdirSync(path)
    .filter((name) => name !== 'dist' && name !== 'node_modules')
    .map((name) => newest(join(path, name)))
    .reduce((a, b) => ({ time: Math.max(a.time, b.time), files: a.files + b.files }), { time: 0, files: 0 })
}

function build(name, sources, results, command, args) {
  const stampFile = join(modules, '.cache', 'custodia', name)
  const stamp = sources.map((source) => Object.values(newest(source)).join(':')).join(' ')
  if (
    results.every((result) => existsSync(result)) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp
  )
    return
  process.stdout.write(`building ${name} …\n`)
  const done = spawnSync(process.execPath, [join(modules, command), ...args], { stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
  mkdirSync(join(stampFile, '..'), { recursive: true })
  writeFileSync(stampFile, stamp)
}

const contracts = 'streams/contracts/src'
build(
  'gateway and streams',
  [contracts, 'streams/src', 'backend/src', 'tsconfig.json', 'deploy/checks/tsconfig.base.json'],
  ['streams/contracts/dist/index.js', 'streams/dist/main.js', 'backend/dist/main.js'],
  'typescript/bin/tsc',
  ['-b'],
)
const vite = existsSync(join(modules, 'vite')) ? 'vite/bin/vite.js' : '../dashboard/node_modules/vite/bin/vite.js'
build(
  'dashboard',
  [contracts, 'dashboard/src', 'dashboard/public', 'dashboard/index.html', 'dashboard/vite.config.ts'],
  ['dashboard/dist/index.html'],
  vite,
  ['build', 'dashboard', '--logLevel', 'warn'],
)
