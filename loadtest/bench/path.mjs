// `npm run bench:path`: the hot path, each figure beside its limit. Both sides of a comparison take turns in the same run on the
// same machine, round by round, and what is compared are the medians; a figure by itself says little about another machine.
// --kafka: on a real broker. --only=views,photos,appends,landing  --rounds=5  --seconds=4  --profile=gateway (→ loadtest/results)
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureAppends } from './appends.mjs'
import { Worker } from './child.mjs'
import { printTable } from './figures.mjs'
import { measureLanding } from './landing.mjs'
import { measureRequests } from './requests.mjs'

const { values } = parseArgs({
  options: {
    kafka: { type: 'boolean', default: false },
    only: { type: 'string', default: 'views,photos,appends,landing' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    profile: { type: 'string' },
  },
})
const wants = (part) => values.only.split(',').includes(part)
const base = mkdtempSync(join(tmpdir(), 'custodia-bench-'))
const broker = values.kafka ? await (await import('../../deploy/servers/kafka.mjs')).startKafka() : undefined
const options = {
  base,
  brokers: broker?.brokers,
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  profile: values.profile,
  worker: (module, args = []) => new Worker(module, { args }),
}

const twin = values.kafka ? 'Kafka (one broker)' : 'embedded (LMDB)'
const load = () => loadavg()[0].toFixed(1)
console.log(`The hot path on ${twin}: ${availableParallelism()} cores, load before ${load()}, Node ${process.version}.`)
console.log(
  'Servers, system and the clients that load them share the cores. Ratios of medians; "from–to" are the rounds.',
)

const results = []
try {
  if (wants('appends')) results.push(...(await measureAppends(options)))
  if (wants('landing')) results.push(...(await measureLanding(options)))
  if (wants('views') || wants('photos'))
    results.push(...(await measureRequests({ ...options, views: wants('views'), photos: wants('photos') })))
  printTable(
    `In one look (${twin})`,
    ['', 'measured', 'aim', ''],
    results.map(({ name, value, unit = '', aim, atMost }) => [
      name,
      `${value.toFixed(2)}${unit}`,
      `${atMost ? '≤' : '≥'} ${aim.toFixed(atMost ? 1 : 2)}${unit}`,
      (atMost ? value <= aim : value >= aim) ? 'met' : 'missed',
    ]),
  )
  console.log(`load after: ${load()}`)
} finally {
  await broker?.stop()
  rmSync(base, { recursive: true, force: true })
}
process.exit()
