import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Global, Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { AccessEvent, Role } from '@custodia/contracts'
import { openClickHouse } from '@custodia/streams/audit-store'
import { openEmbeddedEventLog, type EventLog } from '@custodia/streams/event-log'
import { generateSync } from 'otplib'
import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { AUDIT_STORE, EVENT_LOG, KEY_PROVIDER, LOGGER, PHOTO_STORE, RECORD_STORE } from '../adapters.js'
import { CaptureModule } from '../capture/capture.module.js'
import { CONFIG, readConfig } from '../config.js'
import { createApplication } from '../gateway/application.js'
import { GatewayModule } from '../gateway/gateway.module.js'
import { newAccount, type Account } from '../identity/account.js'
import { IdentityModule } from '../identity/identity.module.js'
import { Passwords } from '../identity/passwords.js'
import { TotpService } from '../identity/totp.service.js'
import { openPhotoFolder } from '../photo-store/files.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { openKeyFile } from '../vault/keys/key-file.js'
import { Browser } from './browser.js'
import { startTestPostgres } from './postgres.js'

export interface Rooms {
  app: NestFastifyApplication
  records: RecordStore
  log: EventLog
  /** a new browser at this address, without cookies */
  browser(address?: string): Browser
  /** a new person of this role, signed in with password and TOTP */
  signedIn(role: Role): Promise<{ account: Account; browser: Browser }>
  /** every access event so far, in order of their ids */
  events(): Promise<AccessEvent[]>
  stop(): Promise<void>
}

@Global()
@Module({})
class Ground {
  static of(values: Map<symbol, unknown>): DynamicModule {
    const providers = [...values].map(([provide, useValue]) => ({ provide, useValue }))
    return { module: Ground, providers, exports: [...values.keys()] }
  }
}

@Module({})
class House {}

/** Gate, sign-in and the rooms a test is about, on a real PostgreSQL and a real log; no streams run, and no audit store. */
export async function startRooms(
  rooms: ModuleMetadata['imports'] = [],
  prepare: (app: NestFastifyApplication) => void = () => undefined,
  env: Record<string, string> = {},
): Promise<Rooms> {
  const dir = await mkdtemp(join(tmpdir(), 'custodia-rooms-'))
  const postgres = await startTestPostgres()
  const log = await openEmbeddedEventLog({ dir: join(dir, 'log'), timeoutMs: 5000 })
  const audit = openClickHouse({ socketPath: join(dir, 'nobody-listens.sock') })
  const config = readConfig({ CUSTODIA_DATA_DIR: dir, ...env })
  const ground = new Map<symbol, unknown>([
    [CONFIG, config],
    [LOGGER, pino({ level: 'silent' })],
    [EVENT_LOG, log],
    [RECORD_STORE, postgres.records],
    [PHOTO_STORE, await openPhotoFolder(join(dir, 'photos'))],
    [KEY_PROVIDER, await openKeyFile(join(dir, 'keys', 'master.json'))],
    [AUDIT_STORE, audit],
  ])
  const imports = [Ground.of(ground), CaptureModule, IdentityModule, GatewayModule, ...rooms]
  const app = await createApplication({ module: House, imports }, config)
  prepare(app)
  await app.init()
  await app.getHttpAdapter().getInstance().ready()
  const browser = (address?: string) => new Browser(app, config.http.origin, address)
  return {
    app,
    records: postgres.records,
    log,
    browser,
    signedIn: (role) => signedIn(app, postgres.records, browser(), role),
    events: () => eventsOf(log),
    stop: async () => {
      await app.close()
      await Promise.all([log.close(), audit.close()])
      await postgres.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export const testPassword = 'correct horse battery'

async function signedIn(app: NestFastifyApplication, { db }: RecordStore, browser: Browser, role: Role) {
  const passwordHash = await app.get(Passwords).hash(testPassword)
  const account = newAccount({ username: `${role}-${uuidv7()}`, displayName: role, role, passwordHash })
  await db.insert(accounts).values(account)
  const secret = await app.get(TotpService).install(account.id)
  await browser.post('/auth/password', { username: account.username, password: testPassword })
  const { status } = await browser.post('/auth/totp', { code: generateSync({ secret }) })
  if (status !== 200) throw new Error(`the test's ${role} could not sign in: ${status}`)
  return { account, browser }
}

async function eventsOf(log: EventLog): Promise<AccessEvent[]> {
  const events: AccessEvent[] = []
  for (const { partition, start, end } of await log.range('access-events'))
    for await (const record of log.read('access-events', partition, start, end))
      events.push(JSON.parse(Buffer.from(record.value).toString()) as AccessEvent)
  return events.sort((a, b) => (a.id < b.id ? -1 : 1))
}
