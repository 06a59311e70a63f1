import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { appender } from './appends.mjs'
import { printTable } from './figures.mjs'
import { cpuOf, memoryOf, partsOf } from './processes.mjs'
import { inTurns, medianOf, rangeOf } from './rounds.mjs'
import { System } from './system.mjs'

/** enough that appends can be grouped while others are being flushed */
const connections = 128
const aims = { views: 0.4, photos: 0.6 }
const resultsDir = fileURLToPath(new URL('../results/', import.meta.url))

/** Records and photos through the running system, against bare Fastify on the same PostgreSQL and the same files. */
export async function measureRequests(options) {
  const { brokers, profile, worker } = options
  const env = brokers ? { CUSTODIA_KAFKA_BROKERS: brokers.join(','), CUSTODIA_KAFKA_PREFIX: 'system.' } : {}
  const system = await System.start({ env, profile })
  const results = []
  const asked = await system.populate()
  await system.settled()
  const memory = new Memory(system)
  const [load, bare] = [worker('./load-worker.mjs'), worker('./bare/server.mjs', await bareArguments(system, asked))]
  try {
    const stage = new Stage({ ...options, system, asked, load, bare, barePort: await bare.hear(), memory })
    await stage.requireSameAnswers()
    await system.loopDelays() // from here on
    if (options.views) results.push(...(await stage.measureViews()))
    if (options.photos) results.push(await stage.compare('photos'))
    results.push(...(await loopResults(system)))
    memory.print()
    if (profile) keepProfiles(system)
  } finally {
    await Promise.all([load.stop(), bare.stop()])
    await system.stop()
  }
  return results
}

/** Its policy is a list that never changes: what the first clerk may do. */
const bareArguments = async (system, [{ cookie, customer }]) => {
  const answer = await fetch(`${system.origin}/api/v1/customers/${customer}`, { headers: { cookie } })
  return [system.dataDir, JSON.stringify((await answer.json()).may)]
}

const paths = {
  views: {
    gateway: ({ customer }) => `/api/v1/customers/${customer}`,
    bare: ({ customer }) => `/customers/${customer}`,
  },
  photos: {
    gateway: ({ photo }) => `/api/v1/photos/${photo}?purpose=identity_check`,
    bare: ({ photo }) => `/photos/${photo}`,
  },
}
const titles = {
  views: 'A record, masked, with its durable event',
  photos: 'A photo of 200 kB at full size, held for its verdict',
}

class Stage {
  constructor(parts) {
    Object.assign(this, parts)
  }

  portOf(side) {
    return side === 'gateway' ? this.system.port : this.barePort
  }

  targets(kind, side) {
    return this.asked.map((one) => ({ path: paths[kind][side](one), cookie: one.cookie }))
  }

  /** What is compared is the same work: both answers of every kind are equal, byte for byte. */
  async requireSameAnswers() {
    for (const kind of Object.keys(paths)) {
      const bodies = await Promise.all(
        ['gateway', 'bare'].map(async (side) => {
          const [{ path, cookie }] = this.targets(kind, side)
          const answer = await fetch(`http://localhost:${this.portOf(side)}${path}`, { headers: { cookie } })
          return Buffer.from(await answer.arrayBuffer())
        }),
      )
      if (!bodies[0].equals(bodies[1])) throw new Error(`The bare server answers ${kind} with something else.`)
    }
  }

  async run(kind, side, order) {
    const parts = partsOf(this.system.process.pid)
    const groups = side === 'gateway' ? { own: parts.gateway, ...groupsOf(parts) } : { own: [this.bare.child.pid] }
    groups.postgres = parts.PostgreSQL
    const before = Object.entries(groups).map(([name, pids]) => [name, cpuOf(pids)])
    const sampling = setInterval(() => this.memory.sample(), 500)
    const targets = this.targets(kind, side)
    const result = await this.load.ask({
      port: this.portOf(side),
      targets,
      connections,
      seconds: this.seconds,
      ...order,
    })
    clearInterval(sampling)
    const { statuses, answered } = result
    if (statuses[200] !== answered) throw new Error(`${kind} of ${side}: ${JSON.stringify(statuses)}`)
    await this.system.settled() // what was put off is not the other side's burden, but part of this one's CPU
    const cpu = Object.fromEntries(before.map(([name, then]) => [name, (cpuOf(groups[name]) - then) / answered]))
    return { ...result, ...cpu }
  }

  async compare(kind) {
    const found = await inTurns(this.rounds, {
      gateway: () => this.run(kind, 'gateway'),
      bare: () => this.run(kind, 'bare'),
    })
    const row = (name, side) => [
      name,
      medianOf(side, 'perSecond'),
      rangeOf(side, 'perSecond'),
      ...['p50', 'p99', 'own', 'streams', 'chdb', 'postgres'].map((figure) => medianOf(side, figure) ?? NaN),
    ]
    printTable(
      `${titles[kind]}: ${connections} connections`,
      ['', 'requests/s', 'from–to', 'p50 ms', 'p99 ms', 'CPU ms/request', 'streams', 'chdb', 'PostgreSQL'],
      [row('gateway', found.gateway), row('bare Fastify', found.bare)],
    )
    this.reached = medianOf(found.gateway, 'perSecond')
    const value = this.reached / medianOf(found.bare, 'perSecond')
    return { name: `${kind} against bare Fastify`, value, unit: ' ×', aim: aims[kind] }
  }

  async measureViews() {
    const ratio = await this.compare('views')
    const rate = Math.max(1, Math.round(this.reached / 2))
    const log = await appender(this, true)
    const found = await inTurns(this.rounds, {
      gateway: () => this.run('views', 'gateway', { rate }),
      append: () => log.ask({ rate, seconds: this.seconds }),
    })
    await log.stop()
    const [p99, bareP99] = [medianOf(found.gateway, 'p99'), medianOf(found.append, 'p99')]
    const row = (name, side) => [name, medianOf(side, 'p50'), medianOf(side, 'p99'), rangeOf(side, 'p99')]
    printTable(
      `Latency at half that load: ${rate} requests a second, offered evenly`,
      ['', 'p50 ms', 'p99 ms', 'from–to'],
      [row('record view', found.gateway), row('bare append alone', found.append)],
    )
    return [ratio, { name: 'view p99 at half load', value: p99, unit: ' ms', aim: 2 * bareP99 + 10, atMost: true }]
  }
}

const groupsOf = (parts) => ({ streams: parts.streams, chdb: parts['audit store (chdb)'] })

async function loopResults(system) {
  const delays = await system.loopDelays()
  const measured = ['gateway', 'streams']
  printTable(
    'Delay of the event loop while all of it ran, ms',
    ['', 'p50', 'p99', 'longest'],
    measured.map((name) => [name, delays[name].p50, delays[name].p99, delays[name].max]),
  )
  return measured.map((name) => ({
    name: `event loop delay p99, ${name}`,
    value: delays[name].p99,
    unit: ' ms',
    aim: 30,
    atMost: true,
  }))
}

/** Resident memory of every process: at rest, and the most that was seen under load. */
class Memory {
  constructor(system) {
    this.system = system
    this.rest = this.#look()
    this.most = this.rest
  }

  #look() {
    const parts = partsOf(this.system.process.pid)
    return Object.fromEntries(Object.entries(parts).map(([name, pids]) => [name, memoryOf(pids)]))
  }

  sample() {
    const now = this.#look()
    this.most = Object.fromEntries(Object.entries(now).map(([name, mb]) => [name, Math.max(mb, this.most[name] ?? 0)]))
  }

  print() {
    printTable(
      'Memory, MB (resident; PostgreSQL: of all its processes together, shared pages counted once)',
      ['', 'at rest', 'under load'],
      Object.keys(this.rest).map((name) => [name, this.rest[name], this.most[name]]),
    )
  }
}

function keepProfiles(system) {
  mkdirSync(resultsDir, { recursive: true })
  for (const file of readdirSync(system.probes).filter((name) => name.endsWith('.cpuprofile')))
    cpSync(join(system.probes, file), join(resultsDir, file))
  console.log(`\nCPU profiles: ${resultsDir}`)
}
