// npm run bench:held: what waiting for a verdict adds to a held access, at an even 500 a second, and how soon a freeze ends
// what is streaming. Figures are printed beside the aims, nothing is asserted. BENCH_KAFKA=1 adds a real broker to both, with two
// gateways. BENCH_SECONDS=20, BENCH_FREEZES=40; BENCH_ONLY=held or cuts measures one of the two.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { printTable } from './figures.mjs'
import { Worker } from './child.mjs'
import { aimed, measureCuts } from './freeze-cuts.mjs'

const perSecond = 500
const seconds = Number(process.env.BENCH_SECONDS ?? 20)

const measureHeld = async (place) => {
  const detection = new Worker('./detection-worker.mjs', { args: [JSON.stringify(place)] })
  await detection.hear()
  const gateway = new Worker('./held-worker.mjs', { args: [JSON.stringify(place)] })
  await gateway.hear()
  await gateway.ask({ seconds: 3, perSecond }) // warm
  const found = await gateway.ask({ seconds, perSecond })
  await gateway.stop()
  await detection.stop()
  return found
}

const rowOf = (twin, { verdicts, append, wait, answered }) => [
  twin,
  answered,
  append.p50,
  append.p99,
  wait.p50,
  wait.p99,
  `${aimed(wait.p50, 5)}, ${aimed(wait.p99, 30)}`,
  Object.entries(verdicts)
    .map(([verdict, n]) => `${n} ${verdict}`)
    .join(' '),
]

const base = mkdtempSync(join(tmpdir(), 'custodia-held-'))
const kafka = process.env.BENCH_KAFKA && (await (await import('../../deploy/servers/kafka.mjs')).startKafka())
const load = () => loadavg()[0].toFixed(1)
console.log(`${availableParallelism()} cores, load before ${load()}, Node ${process.version}`)
try {
  if (process.env.BENCH_ONLY !== 'cuts') {
    const rows = [rowOf('one machine', await measureHeld({ dir: base }))]
    if (kafka) rows.push(rowOf('Kafka, one broker', await measureHeld({ brokers: kafka.brokers, prefix: 'held.' })))
    printTable(
      `Held accesses, ${perSecond} a second for ${seconds} s: durable append, then the wait for the verdict, ms (aims: wait p50 < 5, p99 < 30)`,
      ['', 'accesses', 'append p50', 'p99', 'wait p50', 'p99', 'aims', 'verdicts'],
      rows,
    )
  }
  if (process.env.BENCH_ONLY !== 'held') await measureCuts(kafka?.brokers)
} finally {
  await kafka?.stop()
  rmSync(base, { recursive: true, force: true })
}
console.log(`load after ${load()}`)
