import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { backtests } from './detect/backtest.mjs'
import { generate } from './detect/generate.mjs'
import { alertLatency } from './detect/latency.mjs'
import { liveStream } from './detect/live.mjs'
import { esper, rust } from './detect/peers.mjs'
import { runHandWritten, runOurs } from './detect/run.mjs'
import { stages } from './detect/stages.mjs'
import { printTable } from './figures.mjs'
import { inTurns, medianOf, rangeOf } from './rounds.mjs'

/** Rules over a file of events: `custodia detect` beside programs that know only these rules, in turns, and how it grows. */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2000000' },
    rounds: { type: 'string', default: '3' },
    growth: { type: 'string', default: '200000' },
    peers: { type: 'string', default: 'all' },
    live: { type: 'string', default: '40000' },
    latency: { type: 'string', default: '10' },
    backtest: { type: 'string', default: '0' },
  },
})
const events = Number(values.events)
const rulesDir = fileURLToPath(new URL('./detect/rules', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'custodia-bench-detect-'))
const expected = { R1: 134, R2: 144, R3: 725, R4: 184_637, R6: 298, R7: 166, R8: 281 }

const thousandASecond = (count, seconds) => Math.round(count / seconds / 1000)

const sideBySide = async (file) => {
  const sides = { 'custodia detect': () => runOurs(file, { dir }), 'by hand, Node': () => runHandWritten(file) }
  sides['custodia detect, one thread'] = () => runOurs(file, { dir, threads: 1 })
  if (values.peers === 'all') {
    for (const [name, peer] of Object.entries({ 'Esper 9.0.0': esper(dir), 'by hand, Rust': rust(dir) }))
      if (peer.run) sides[name] = () => peer.run(file)
      else console.log(`${name}: not run, ${peer.missing}`)
  }
  const results = await inTurns(Number(values.rounds), sides)
  const [[ours]] = Object.values(results)
  for (const [name, rounds] of Object.entries(results))
    for (const { alerts, digest } of rounds) {
      const same = Object.keys(expected).every((rule) => (alerts[rule] ?? 0) === (ours.alerts[rule] ?? 0))
      if (!same || (digest && digest !== ours.digest))
        throw new Error(`${name} found other alerts: ${JSON.stringify(alerts)}`)
    }
  if (
    events === 2_000_000 &&
    JSON.stringify(Object.entries(ours.alerts).sort()) !== JSON.stringify(Object.entries(expected))
  )
    throw new Error(`not the alerts of these events: ${JSON.stringify(ours.alerts)}`)
  printTable(
    `${events} events, seven rules; the same alerts from all, compared line by line`,
    ['program', 'thousand events/s', 'seconds, range'],
    Object.entries(results).map(([name, rounds]) => [
      name,
      thousandASecond(events, medianOf(rounds, 'seconds')),
      rangeOf(rounds, 'seconds'),
    ]),
  )
}

const compare = async () => {
  const file = join(dir, 'events.ndjson')
  generate({ events, file })
  await sideBySide(file)
}

/** So many times the seven rules: each further set is for one branch, as a house would write them. */
const manyRules = (times) => {
  const folder = join(dir, `rules-${times}`)
  mkdirSync(folder)
  for (const file of readdirSync(rulesDir)) {
    const yaml = readFileSync(join(rulesDir, file), 'utf8')
    for (let copy = 0; copy < times; copy++) {
      const branch = `branch-${String(copy).padStart(3, '0')}`
      const own = yaml
        .replace(/^id: .*\n/gm, '')
        .replace(/^name: (.*)$/gm, (_, name) => `name: ${name}-${copy}`)
        .replace(
          /^( {4}- )(failed_login|failed_login_by_address|export_ok|view_ok|any_event)$/gm,
          (_, dash, name) => `${dash}${name}-${copy}`,
        )
        .replace(/^ {2}selection:\n/gm, `  selection:\n    org: ${branch}\n`)
      writeFileSync(join(folder, file.replace('.yml', `-${copy}.yml`)), copy === 0 ? yaml : own)
    }
  }
  return folder
}

const growth = async () => {
  const count = Number(values.growth)
  const rows = []
  for (const [actors, times] of [
    [5000, 1],
    [5000, 10],
    [5000, 100],
    [50_000, 1],
    [500_000, 1],
  ]) {
    const file = join(dir, `growth-${actors}.ndjson`)
    generate({ events: count, file, actors })
    const rules = manyRules(times)
    const { read, decoded, judged, heapMb, alerts } = await stages(rules, file)
    rows.push([`${times * 7} rules, ${actors} actors`, read, decoded, judged, heapMb, String(alerts)])
    rmSync(rules, { recursive: true })
    rmSync(file)
  }
  printTable(
    `Stages, microseconds of CPU an event on one thread, over ${count} events`,
    ['', 'read and match', 'hand over', 'windows', 'heap MB', 'alerts'],
    rows,
  )
}

const live = async () => {
  const found = await liveStream([8, Infinity], Number(values.live))
  printTable(
    `The live stream with shipped rules, over ${values.live} events`,
    ['rules', 'thousand events a second of CPU', 'alerts'],
    found.map(({ rules, perSecond, alerts }) => [String(rules), perSecond / 1000, String(alerts)]),
  )
}

const latency = async () => {
  const found = await alertLatency([1000, 5000], Number(values.latency))
  printTable(
    'From an event that is durable in the log to its alert on an open socket, ms',
    ['events/s asked', 'appended', 'alerts', 'p50', 'p99'],
    found.map(({ perSecond, rate, alerts, p50, p99 }) => [String(perSecond), rate, String(alerts), p50, p99]),
  )
}

const past = async () => {
  const { landed, found } = await backtests(Number(values.backtest), ['bulk-photo-view', 'bulk-view-day'])
  printTable(
    `Backtest of one rule over ${values.backtest} landed events (${Math.round(landed)} s to land)`,
    ['rule', 'seconds', 'by', 'rows read', 'alerts'],
    found.map(({ rule, seconds, by, rows, alerts }) => [rule, seconds, by, String(rows), String(alerts)]),
  )
}

try {
  if (Number(values.growth)) await growth()
  if (Number(values.live)) await live()
  if (Number(values.latency)) await latency()
  if (Number(values.backtest)) await past()
  if (events) await compare()
} finally {
  rmSync(dir, { recursive: true })
}
