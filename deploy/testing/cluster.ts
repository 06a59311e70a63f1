import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Role } from '@custodia/contracts'
import type { DemoAccount } from '../../backend/src/demo/demo-accounts.js'
import type { RecordStore } from '../../backend/src/record-store/record-store.js'
import { TestClient, type Carrier } from '../../backend/src/testing/client.js'
import { startTestPostgres } from '../../backend/src/testing/postgres.js'
import { openClickHouse, privateSocketPath, startChdb, type AuditStore } from '../../streams/src/audit-store/index.js'
import { openEmbeddedEventLog, openKafkaEventLog, type EventLog } from '../../streams/src/event-log/index.js'
import { overHttp } from './over-http.js'
import { Part } from './part.js'
import { freePort, newDataDir, removeDataDir } from './system.js'

const built = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** What a streams process runs: everything, or one half of it. */
export type StreamsRole = 'all' | 'landing' | 'detection'

export interface ClusterOptions {
  /** brokers of a Kafka; without it the processes share the embedded log */
  brokers?: string[]
  /** put before topics and groups, where several clusters share the brokers */
  prefix?: string
  gateways?: number
  /** one process each */
  streams?: StreamsRole[]
  /** file name → text; takes the place of the shipped rules of the same name */
  rules?: Record<string, string>
  env?: Record<string, string>
}

export interface Cluster {
  gateways: Part[]
  /** ports of the gateways, in order */
  ports: number[]
  streams: Part[]
  dataDir: string
  /** the log, by a client of the test's own */
  log: EventLog
  audit: AuditStore
  records: RecordStore
  /** one more streams process */
  addStreams(role?: StreamsRole): Promise<Part>
  /** the way to the gateway with this number */
  carrier(gateway?: number): Carrier
  /** the nth person of a role, signed in; `heard` gathers the events that answers name */
  signedIn(role: Role, options?: { nth?: number; gateway?: number; heard?: string[] }): Promise<TestClient>
  stop(): Promise<void>
}

/** A bound for busy machines; what is asserted is never how long something took. */
const patience = { CUSTODIA_HOLD_TIMEOUT_MS: '20000', CUSTODIA_APPEND_TIMEOUT_MS: '5000' }

/**
 * The system as processes of their own on one log, one PostgreSQL and one ClickHouse: as many gateways and streams as are
 * asked for. Each process is started again when it ends, as an orchestrator would.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { brokers, prefix = `test${Date.now()}.`, gateways: many = 1, streams: roles = ['all'] } = options
  const dataDir = newDataDir()
  mkdirSync(join(dataDir, 'rules'), { recursive: true })
  for (const [file, text] of Object.entries(options.rules ?? {})) writeFileSync(join(dataDir, 'rules', file), text)
  const socketPath = privateSocketPath(dataDir, 'audit.sock')
  const chdb = await startChdb({ dataDir: join(dataDir, 'clickhouse'), socketPath })
  const postgres = await startTestPostgres()
  const { host, user, database } = postgres.connection
  const env = {
    CUSTODIA_DATA_DIR: dataDir,
    CUSTODIA_POSTGRES_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
    PUBLIC_URL: 'http://localhost:8080',
    CUSTODIA_LOG_LEVEL: 'warn',
    ...(brokers && { CUSTODIA_KAFKA_BROKERS: brokers.join(','), CUSTODIA_KAFKA_PREFIX: prefix }),
    ...patience,
    ...options.env,
  }
  const ports = await Promise.all(Array.from({ length: many }, freePort))
  const gateways = ports.map((port, i) => {
    // the first one makes the people that the test signs in
    const more = { PORT: String(port), CUSTODIA_DEMO: i === 0 ? 'install' : '' }
    return new Part(`gateway ${i}`, built('backend/dist/main.js'), { ...env, ...more })
  })
  const streamsOf = (role: StreamsRole, i: number) => {
    // on Kafka each is on a machine of its own, as it were; the embedded log is in the directory that all share
    const apart = { CUSTODIA_DATA_DIR: join(dataDir, `streams-${i}`), CUSTODIA_RULES_DIR: join(dataDir, 'rules') }
    const more = { CUSTODIA_STREAMS: role, ...(brokers && { ...apart, CUSTODIA_AUDIT_SOCKET: socketPath }) }
    return new Part(`streams ${i} (${role})`, built('streams/dist/main.js'), { ...env, ...more })
  }
  const streams = roles.map(streamsOf)
  const parts = (): Part[] => [...gateways, ...streams]
  const audit = openClickHouse({ socketPath })
  let log: EventLog | undefined

  const stop = async (): Promise<void> => {
    await log?.close()
    await Promise.all(gateways.map((part) => part.stop()))
    await Promise.all(streams.map((part) => part.stop()))
    await audit.close()
    await Promise.all([chdb.stop(), postgres.stop()])
    removeDataDir(dataDir)
  }
  try {
    await Promise.all(parts().map((part) => startedSoon(part)))
    log = brokers
      ? await openKafkaEventLog({ brokers, prefix, clientId: 'test' })
      : await openEmbeddedEventLog({ dir: join(dataDir, 'log') })
  } catch (error) {
    await stop()
    throw error
  }
  const known = JSON.parse(readFileSync(join(dataDir, 'demo-accounts.json'), 'utf8')) as DemoAccount[]
  const people = known.map((person) => ({ ...person, account: { username: person.username } }))
  const carrier = (gateway = 0) => overHttp(ports[gateway] ?? 0)
  return {
    gateways,
    ports,
    streams,
    dataDir,
    log,
    audit,
    records: postgres.records,
    carrier,
    addStreams: async (role = 'all') => {
      const part = streamsOf(role, streams.length)
      streams.push(part)
      await startedSoon(part)
      return part
    },
    signedIn: async (role, { nth = 0, gateway, heard } = {}) => {
      const person = people.filter((each) => each.role === role)[nth]
      if (!person) throw new Error(`there is no ${role} number ${nth}`)
      const client = new TestClient(carrier(gateway), '', heard)
      await client.signIn(person)
      return client
    },
    stop,
  }
}

const startMs = 60_000

/** A process that keeps ending before it is ready says why on its output. */
async function startedSoon(part: Part): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${part.name} was not ready in time:\n${part.output()}`)), startMs)
  })
  await Promise.race([part.start(), late]).finally(() => clearTimeout(timer))
}
