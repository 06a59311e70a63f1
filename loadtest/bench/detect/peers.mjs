import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
const rules = ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8']

/** Builds in a folder of its own; the reason when that cannot be. */
const build = (dir, name, steps) => {
  const folder = join(dir, name)
  mkdirSync(folder)
  cpSync(join(here, name), folder, { recursive: true })
  for (const [command, ...args] of steps) {
    const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) return { missing: `${command} failed: ${stderr.split('\n')[0]}` }
  }
  return { folder }
}

/** Times itself, without its start: its second run in one process, when Java has warmed up. */
const run = (command, args, cwd) => (file) => {
  const { status, stdout, stderr } = spawnSync(command, args(file), { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
  const { wall, alerts } = JSON.parse(stdout.trim().split('\n').at(-1))
  return { seconds: wall, alerts: Object.fromEntries(rules.map((rule, index) => [rule, alerts[index]])) }
}

/** The rules as EPL on Esper, from Maven Central. */
export const esper = (dir) => {
  if (!has('java', '-version') || !has('mvn', '-version')) return { missing: 'it needs Java and Maven' }
  const source = 'src/main/java/peers'
  const files = readdirSync(join(here, 'esper', source)).map((name) => join(source, name))
  const { folder, missing } = build(dir, 'esper', [
    ['mvn', '-q', 'dependency:copy-dependencies', '-DoutputDirectory=libs'],
    ['javac', '-d', 'classes', '-cp', 'libs/*', ...files],
  ])
  return missing
    ? { missing }
    : { run: run('java', (file) => ['-Xmx6g', '-cp', 'classes:libs/*', 'peers.Main', 'esper', file, '2', '-'], folder) }
}

/** By hand in Rust with sonic-rs: how far the hardware goes. */
export const rust = (dir) => {
  if (!has('cargo', '--version')) return { missing: 'it needs cargo' }
  const { folder, missing } = build(dir, 'rust', [['cargo', 'build', '--release', '--quiet']])
  return missing ? { missing } : { run: run(join(folder, 'target/release/hand'), (file) => [file, 'sonic'], folder) }
}
