import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { AuditStore } from '@custodia/streams/audit-store'
import { startDetection } from '@custodia/streams/detection'
import { openEmbeddedEventLog, type EventLog } from '@custodia/streams/event-log'
import { startLanding } from '@custodia/streams/landing'
import { join } from 'node:path'
import { pino } from 'pino'
import { openAuditStore } from '../../adapters.module.js'
import { RECORD_STORE } from '../../adapters.js'
import { embeddedServers } from '../../cli/embedded-servers.js'
import type { Config } from '../../config.js'
import { createGateway } from '../../gateway/http.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { TestClient } from '../../testing/client.js'
import type { TestPerson } from '../../testing/people.js'
import { shippedRules } from '../../testing/rules.js'
import { settled } from '../../testing/settled.js'

export interface RestoredSystem {
  app: NestFastifyApplication
  records: RecordStore
  audit: AuditStore
  log: EventLog
  stranger(person: TestPerson): TestClient
  settled(): Promise<void>
  stop(): Promise<void>
}

const logger = pino({ level: 'silent' })

/** The whole system on a data directory that a restore has filled, as `custodia start` would run it, in this process. */
export async function startRestored(config: Config): Promise<RestoredSystem> {
  const servers = embeddedServers(config, { say: () => undefined, onPostgresMoved: () => undefined })
  await Promise.all(servers.map((server) => server.start()))
  const log = await openEmbeddedEventLog({ dir: join(config.dataDir, 'log'), timeoutMs: 10_000 })
  const audit = openAuditStore(config, 'migrator')
  const app = await createGateway(config)
  await app.init()
  await app.getHttpAdapter().getInstance().ready()
  const landing = await startLanding({ log, store: audit, logger })
  const rulesDirs = [shippedRules, join(config.dataDir, 'rules')]
  const detection = await startDetection({ log, rulesDirs, logger, now: Date.now })
  return {
    app,
    records: app.get<RecordStore>(RECORD_STORE),
    audit,
    log,
    stranger: (person) => new TestClient(app, person.account.id),
    settled: () => settled(log, true),
    stop: async () => {
      await app.close()
      await detection.stop()
      await landing.stop()
      await Promise.all([log.close(), audit.close()])
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}
