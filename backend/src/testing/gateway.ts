import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DynamicModule } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Role } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import { startDetection, type Detection } from '@custodia/streams/detection'
import { openEmbeddedEventLog, type EventLog } from '@custodia/streams/event-log'
import { startLanding } from '@custodia/streams/landing'
import { pino } from 'pino'
import { AdaptersModule, openAuditStore } from '../adapters.module.js'
import { EVENT_LOG, RECORD_STORE } from '../adapters.js'
import { AppModule } from '../app.module.js'
import { readConfig, type Config } from '../config.js'
import { createGateway } from '../gateway/http.js'
import type { PostgresConnection } from '../record-store/embedded.js'
import type { RecordStore } from '../record-store/record-store.js'
import { startTestAuditStore } from './audit-store.js'
import { TestClient } from './client.js'
import { TestPeople, type PersonOver, type TestPerson } from './people.js'
import { startTestPostgres } from './postgres.js'
import { shippedRules } from './rules.js'
import { settled } from './settled.js'

export type { TestPerson } from './people.js'

export interface TestGateway {
  app: NestFastifyApplication
  /** the gateway's log, with what `eventLog` put around it */
  log: EventLog
  audit: AuditStore
  records: RecordStore
  dataDir: string
  /** the log's directory, for the independent reader */
  logDir: string
  /** ids of events that answers named, of every client, in order of hearing them */
  heard: string[]
  detection: { stop(): Promise<void>; start(): Promise<void> }
  /** a new person with password and TOTP */
  person(role: Role, over?: PersonOver): Promise<TestPerson>
  /** the same, signed in */
  signedIn(role: Role, over?: PersonOver): Promise<TestClient>
  /** a browser that nobody has signed in with */
  stranger(person?: TestPerson): TestClient
  /** resolves when everything appended so far, and what followed from it, has landed, was judged and responded to */
  settled(): Promise<void>
  /** listens on a free port, once; resolves with its number */
  listen(): Promise<number>
  stop(): Promise<void>
}

export interface GatewayOptions {
  /** file name → text; takes the place of the shipped rules of the same name */
  rules?: Record<string, string>
  env?: Record<string, string>
  /** puts something around the gateway's log: a fault; landing and detection have the log as it is */
  eventLog?: (real: EventLog) => EventLog
}

const logger = pino({ level: 'silent' })

/** Everything of a single machine in this process but its two servers: real log, real PostgreSQL, real chdb, real rules. */
export async function startTestGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  process.send = undefined // a test worker's channel is the test runner's: there is no supervisor to speak to
  const base = await mkdtemp(join(tmpdir(), 'custodia-gateway-'))
  await chmod(base, 0o711)
  const dataDir = join(base, 'data')
  const logDir = join(dataDir, 'log')
  await mkdir(join(dataDir, 'rules'), { recursive: true })
  for (const [file, text] of Object.entries(options.rules ?? {})) await writeFile(join(dataDir, 'rules', file), text)
  const [postgres, chdb, streamLog] = await Promise.all([
    options.env?.['CUSTODIA_POSTGRES_URL'] ? undefined : startTestPostgres(),
    startTestAuditStore(dataDir),
    openEmbeddedEventLog({ dir: logDir, timeoutMs: 10_000 }),
  ])
  const config = readConfig({
    PORT: '0',
    PUBLIC_URL: 'http://localhost:8080',
    CUSTODIA_DATA_DIR: dataDir,
    CUSTODIA_POSTGRES_URL: postgres && urlOf(postgres.connection),
    CUSTODIA_LOG_LEVEL: 'silent',
    // A machine that is busy with other tests is no reason for a verdict to be missed.
    CUSTODIA_HOLD_TIMEOUT_MS: '30000',
    CUSTODIA_APPEND_TIMEOUT_MS: '10000',
    ...options.env,
  })
  const app = await createGateway(config, roomsOf(config, options.eventLog))
  const audit = openAuditStore(config, 'migrator') // the gateway's own can only read
  await audit.migrate()
  const [landing] = await Promise.all([startLanding({ log: streamLog, store: audit, logger }), app.init()])
  await app.getHttpAdapter().getInstance().ready()

  let running: Detection | undefined
  const detection = {
    start: async () => {
      const rulesDirs = [shippedRules, join(dataDir, 'rules')]
      running ??= await startDetection({ log: streamLog, rulesDirs, logger, now: Date.now })
    },
    stop: async () => {
      await running?.stop()
      running = undefined
    },
  }
  await detection.start()
  const records = app.get<RecordStore>(RECORD_STORE)
  const people = new TestPeople(app)
  const heard: string[] = []
  const stranger = (person?: TestPerson) => new TestClient(app, person?.account.id, heard)
  let listening: Promise<unknown> | undefined

  return {
    app,
    log: app.get<EventLog>(EVENT_LOG),
    audit,
    records,
    dataDir,
    logDir,
    heard,
    detection,
    person: (role, over) => people.add(role, over),
    signedIn: async (role, over) => {
      const person = await people.add(role, over)
      const client = stranger(person)
      await client.signIn(person)
      return client
    },
    stranger,
    settled: () => settled(streamLog, running !== undefined),
    listen: async () => {
      await (listening ??= app.listen(0, '127.0.0.1'))
      return (app.getHttpServer() as { address(): AddressInfo }).address().port
    },
    stop: async () => {
      await app.close()
      await detection.stop()
      await landing.stop()
      await Promise.all([streamLog.close(), audit.close()])
      await Promise.all([chdb.stop(), postgres?.stop()])
      await rm(base, { recursive: true, force: true })
    },
  }
}

const urlOf = ({ user, database, host }: PostgresConnection) =>
  `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`

/** The whole gateway, its log behind `around` when a test asks for it. */
function roomsOf(config: Config, around: GatewayOptions['eventLog']): DynamicModule {
  const rooms = AppModule.for(config)
  const adapters = rooms.imports?.find((room) => (room as DynamicModule).module === AdaptersModule) as DynamicModule
  const provided = adapters.providers?.find((p) => (p as { provide?: unknown }).provide === EVENT_LOG)
  const { useFactory } = provided as { useFactory: () => Promise<EventLog> }
  if (around) adapters.providers?.push({ provide: EVENT_LOG, useFactory: async () => around(await useFactory()) })
  return rooms
}
