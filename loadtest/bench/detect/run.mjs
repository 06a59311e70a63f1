import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { openSync, closeSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const cli = fileURLToPath(new URL('../../../backend/dist/cli/custodia.js', import.meta.url))
/** R4 and R8 are counted; of the others every alert is compared. */
const counted = new Set(['R4', 'R8'])

const finish = (seconds, alerts, lines) => ({
  seconds,
  alerts,
  digest: createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 12),
})

/** Runs a program and gives how long it took, starting and reading included. */
const timed = (command, args, output) => {
  const out = output ? openSync(output, 'w') : 'pipe'
  const from = process.hrtime.bigint()
  const done = spawnSync(command, args, { stdio: ['ignore', out, 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28 })
  const seconds = Number(process.hrtime.bigint() - from) / 1e9
  if (output) closeSync(out)
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`)
  return { seconds, stdout: done.stdout }
}

/** `custodia detect`, as anybody would call it. */
export const runOurs = (events, { rules = join(here, 'rules'), threads, dir }) => {
  const output = join(dir, 'alerts.ndjson')
  const options = ['--id-field', 'event_id', ...(threads ? ['--threads', String(threads)] : [])]
  const { seconds } = timed(process.execPath, [cli, 'detect', '--rules', rules, '--events', events, ...options], output)
  const alerts = {}
  const lines = []
  for (const line of readFileSync(output, 'utf8').split('\n')) {
    if (!line) continue
    const { rule, group, time, event_ids } = JSON.parse(line)
    alerts[rule] = (alerts[rule] ?? 0) + 1
    if (!counted.has(rule)) lines.push([rule, Object.values(group)[0], Date.parse(time), event_ids.at(-1)].join('\t'))
  }
  return finish(seconds, alerts, lines)
}

/** The program written by hand for these seven rules. */
export const runHandWritten = (events) => {
  const { seconds, stdout } = timed(process.execPath, [join(here, 'hand-written.mjs'), events])
  const { alerts, lines } = JSON.parse(stdout)
  return finish(seconds, alerts, lines)
}
