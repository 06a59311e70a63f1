import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '@custodia/contracts'
import { privateSocketPath, startChdb, type AuditStore } from '@custodia/streams/audit-store'
import { startDetection } from '@custodia/streams/detection'
import { openEmbeddedEventLog, type EventLog } from '@custodia/streams/event-log'
import { startLanding } from '@custodia/streams/landing'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { pino } from 'pino'
import { AUDIT_STORE, EVENT_LOG, RECORD_STORE } from '../adapters.js'
import { readConfig } from '../config.js'
import { createGateway } from '../gateway/http.js'
import { newAccount, type Account } from '../identity/account.js'
import { Passwords } from '../identity/passwords.js'
import { TotpService } from '../identity/totp.service.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { TestClient } from './client.js'
import { startTestPostgres } from './postgres.js'

export interface TestGateway {
  app: NestFastifyApplication
  log: EventLog
  audit: AuditStore
  records: RecordStore
  dataDir: string
  /** a new person with password and TOTP */
  person(role: Role, over?: Partial<{ branch: string; team: string; username: string }>): Promise<TestPerson>
  /** the same, signed in */
  signedIn(role: Role, over?: Partial<{ branch: string; team: string; username: string }>): Promise<TestClient>
  /** resolves when everything appended so far has landed and was judged */
  settled(): Promise<void>
  stop(): Promise<void>
}

export interface TestPerson {
  account: Account
  password: string
  totpSecret: string
}

export interface GatewayOptions {
  /** a folder of rules that takes the place of the shipped ones of the same name */
  rules?: string
  env?: Record<string, string>
  /** without detection every held access expires */
  detection?: boolean
}

const shippedRules = new URL('../../../streams/rules', import.meta.url).pathname

/** Everything of a single machine in this process but its two servers: real log, real PostgreSQL, real chdb, real rules. */
export async function startTestGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const base = mkdtempSync(join(tmpdir(), 'custodia-test-'))
  const dataDir = join(base, 'data')
  mkdirSync(join(dataDir, 'rules'), { recursive: true })
  if (options.rules) cpSync(options.rules, join(dataDir, 'rules'), { recursive: true })
  const postgres = await startTestPostgres()
  const { host, user, database } = postgres.connection
  const chdb = await startChdb({
    dataDir: join(dataDir, 'clickhouse'),
    socketPath: privateSocketPath(dataDir, 'audit.sock'),
  })
  const config = readConfig({
    PORT: '0',
    PUBLIC_URL: 'http://localhost:8080',
    CUSTODIA_DATA_DIR: dataDir,
    CUSTODIA_POSTGRES_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
    CUSTODIA_LOG_LEVEL: 'silent',
    CUSTODIA_HOLD_TIMEOUT_MS: '10000',
    ...options.env,
  })
  const app = await createGateway(config)
  await app.init()
  await app.getHttpAdapter().getInstance().ready()
  const log = openEmbeddedEventLog({ dir: join(dataDir, 'log') })
  const streamLog = await log
  const audit = app.get<AuditStore>(AUDIT_STORE)
  await audit.migrate()
  const logger = pino({ level: 'silent' })
  const landing = await startLanding({ log: streamLog, store: audit, logger })
  const detection =
    options.detection === false
      ? undefined
      : await startDetection({
          log: streamLog,
          rulesDirs: [shippedRules, join(dataDir, 'rules')],
          logger,
          now: Date.now,
        })
  const records = app.get<RecordStore>(RECORD_STORE)

  const person: TestGateway['person'] = async (role, over = {}) => {
    const password = 'a long enough password'
    const username = over.username ?? `${role}-${Math.random().toString(36).slice(2, 8)}`
    const account = newAccount({
      username,
      displayName: `${role} ${username}`,
      role,
      team: over.team ?? 'service',
      branch: over.branch ?? 'shanghai',
      passwordHash: await app.get(Passwords).hash(password),
    })
    await records.db.insert(accounts).values(account)
    return { account, password, totpSecret: await app.get(TotpService).install(account.id) }
  }

  return {
    app,
    log: app.get<EventLog>(EVENT_LOG),
    audit,
    records,
    dataDir,
    person,
    signedIn: async (role, over) => {
      const who = await person(role, over)
      const client = new TestClient(app, who.account.id)
      await client.signIn(who)
      return client
    },
    settled: () => settled(streamLog),
    stop: async () => {
      await app.close()
      await detection?.stop()
      await landing.stop()
      await streamLog.close()
      await chdb.stop()
      await postgres.stop()
      rmSync(base, { recursive: true, force: true })
    },
  }
}

/** Waits until landing and detection have committed everything that was in the log when this was called. */
async function settled(log: EventLog): Promise<void> {
  for (const [group, topic] of [
    ['detection', 'access-events'],
    ['landing', 'access-events'],
    ['landing', 'verdicts'],
    ['landing', 'alerts'],
    ['response', 'alerts'],
  ] as const) {
    const ends = await log.range(topic)
    for (;;) {
      const committed = await log.committed(group, topic)
      if (ends.every(({ partition, end }) => end === 0 || (committed.get(partition)?.offset ?? 0) >= end)) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
