import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Global, Module, type DynamicModule } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { AccessEvent, Role, Verdict } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import { openEmbeddedEventLog, type EventLog } from '@custodia/streams/event-log'
import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { AUDIT_STORE, EVENT_LOG, KEY_PROVIDER, LOGGER, PHOTO_STORE, RECORD_STORE } from '../../adapters.js'
import { CaptureModule } from '../../capture/capture.module.js'
import { CONFIG, readConfig } from '../../config.js'
import { createApplication } from '../../gateway/application.js'
import { GatewayModule } from '../../gateway/gateway.module.js'
import { IdentityModule } from '../../identity/identity.module.js'
import { sessionCookie } from '../../identity/credential.js'
import { openPhotoFolder } from '../../photo-store/files.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { accounts, sessions } from '../../record-store/schema.js'
import { startTestPostgres } from '../../testing/postgres.js'
import { openKeyFile } from '../keys/key-file.js'
import { VaultModule } from '../vault.module.js'

/** Somebody signed in, with the cookie of the session. */
export interface Person {
  id: string
  session: string
  cookie: string
  team: string
  branch: string
}
export interface VaultUnderTest {
  app: NestFastifyApplication
  records: RecordStore
  photoFolder: string
  signIn(role: Role, branch?: string): Promise<Person>
  /** every access event so far, in no particular order of actors */
  events(): Promise<AccessEvent[]>
  /** what the next held accesses are answered with; undefined: nothing at all */
  judge: { verdict: Verdict['verdict'] | undefined; beforeAnswer?: () => Promise<unknown> }
  /** from now on nothing can be written down */
  breakLog(): Promise<void>
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

/** The vault behind the real gate, on a real PostgreSQL, a real log and a photo folder; only detection is stood in for. */
export async function startVault(audit?: AuditStore): Promise<VaultUnderTest> {
  const dir = await mkdtemp(join(tmpdir(), 'custodia-vault-'))
  const postgres = await startTestPostgres()
  const log = await openEmbeddedEventLog({ dir: join(dir, 'log'), timeoutMs: 5000 })
  const photoFolder = join(dir, 'photos')
  const config = readConfig({ CUSTODIA_DATA_DIR: dir, CUSTODIA_HOLD_TIMEOUT_MS: '2000' })
  const ports = new Map<symbol, unknown>([
    [CONFIG, config],
    [LOGGER, pino({ level: 'silent' })],
    [EVENT_LOG, log],
    [RECORD_STORE, postgres.records],
    [PHOTO_STORE, await openPhotoFolder(photoFolder)],
    [KEY_PROVIDER, await openKeyFile(join(dir, 'keys', 'master.json'))],
    [AUDIT_STORE, audit],
  ])
  const imports = [Ground.of(ports), CaptureModule, IdentityModule, GatewayModule, VaultModule]
  const app = await createApplication({ module: House, imports }, config)
  await app.init()
  await app.getHttpAdapter().getInstance().ready()
  const judge: VaultUnderTest['judge'] = { verdict: 'allowed' }
  const detection = answerHeld(log, judge)
  await detection.ready
  return {
    app,
    records: postgres.records,
    photoFolder,
    judge,
    signIn: (role, branch = 'shanghai') => signIn(postgres.records, role, branch),
    events: () => eventsOf(log),
    breakLog: () => log.close(),
    stop: async () => {
      await detection.stop()
      await app.close()
      await log.close()
      await postgres.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Stands where detection stands: reads held accesses from the log and appends a verdict on each. */
const answerHeld = (log: EventLog, judge: VaultUnderTest['judge']) =>
  log.tail({ topic: 'access-events' }, async (records) => {
    for (const record of records) {
      const event = JSON.parse(Buffer.from(record.value).toString()) as AccessEvent
      if (event.outcome !== 'held' || event.part_of || !judge.verdict) continue
      await judge.beforeAnswer?.()
      const verdict: Verdict = { event_id: event.id, verdict: judge.verdict, actor: event.actor, time: event.time }
      await log.append('verdicts', { key: record.key, value: Buffer.from(JSON.stringify(verdict)) })
    }
  })

async function eventsOf(log: EventLog): Promise<AccessEvent[]> {
  const events: AccessEvent[] = []
  for (const { partition, start, end } of await log.range('access-events'))
    for await (const record of log.read('access-events', partition, start, end))
      events.push(JSON.parse(Buffer.from(record.value).toString()) as AccessEvent)
  return events
}

async function signIn({ db }: RecordStore, role: Role, branch: string): Promise<Person> {
  const id = uuidv7()
  const session = uuidv7()
  const token = randomBytes(32).toString('base64url')
  const team = 'service'
  const person = {
    id,
    username: id,
    displayName: `${role} ${id}`,
    role,
    team,
    branch,
    passwordHash: '',
    totpConfirmed: true,
  }
  await db.insert(accounts).values(person)
  await db.insert(sessions).values({
    id: session,
    tokenHash: createHash('sha256').update(token).digest(),
    accountId: id,
    level: 'full',
    device: 'test',
    ip: '127.0.0.1',
    expiresAt: new Date(Date.now() + 3_600_000),
  })
  return { id, session, team, branch, cookie: `${sessionCookie}=${token}` }
}
