// `npm run loadtest`: starts the system on a free port and an empty directory, lets k6 play a branch's day, stops it, and prints what was measured.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noisePhoto } from './photo.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const k6 = [process.env.K6, join(homedir(), 'go/bin/k6')].find((path) => path && existsSync(path)) ?? 'k6'
if (spawnSync(k6, ['version']).status !== 0) {
  console.error('k6 is needed: put it on the PATH or name it in K6 (go install go.k6.io/k6@latest).')
  process.exit(1)
}

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => resolve(port))
  })
})
const base = mkdtempSync(join(tmpdir(), 'custodia-load-'))
chmodSync(base, 0o711) // as root, the database server's own user must pass through
const system = spawn(process.execPath, [join(here, '../backend/dist/cli/custodia.js'), 'start'], {
  env: { ...process.env, PORT: String(port), CUSTODIA_DATA_DIR: join(base, 'data'), CUSTODIA_LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const ended = new Promise((resolve) => system.once('exit', resolve))
let printed = ''
const setupCode = await new Promise((resolve) => {
  system.stdout.on('data', (chunk) => {
    printed += chunk
    const code = /Setup code[^:]*: (\S+)/.exec(printed)
    if (code) resolve(code[1])
  })
  void ended.then(() => resolve(undefined))
})
if (!setupCode) process.exit(1) // it has said why

const photo = join(base, 'photo.png')
writeFileSync(photo, noisePhoto())
const k6Run = spawn(k6, ['run', '--no-usage-report', join(here, 'branch-day.js')], {
  env: { ...process.env, ORIGIN: `http://localhost:${port}`, SETUP_CODE: setupCode, PHOTO: photo },
  stdio: 'inherit',
})
const code = await new Promise((resolve) => k6Run.once('exit', resolve))
system.kill('SIGINT')
await ended
rmSync(base, { recursive: true, force: true })
process.exit(code ?? 1)
