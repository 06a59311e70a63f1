import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common'
import { openAuditStoreAs, privateSocketPath, type AuditStore, type Work } from '@custodia/streams/audit-store'
import { openEmbeddedEventLog, openKafkaEventLog, type EventLog } from '@custodia/streams/event-log'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { AUDIT_STORE, EVENT_LOG, KEY_PROVIDER, LOGGER, PHOTO_STORE, RECORD_STORE } from './adapters.js'
import { reaching, telling } from './cli/start-error.js'
import { CONFIG, keyFileOf, type Config } from './config.js'
import { createLogger } from './logger.js'
import { openPhotoFolder } from './photo-store/files.js'
import type { PhotoStore } from './photo-store/photo-store.js'
import { openS3PhotoStore } from './photo-store/s3.js'
import { postgresSocketOf } from './record-store/embedded.js'
import { RecordStore } from './record-store/record-store.js'
import { openKeyFile } from './vault/keys/key-file.js'
import type { KeyProvider } from './vault/keys/key-provider.js'
import { requireSameKeys } from './vault/keys/same-keys.js'

/*
 * The only file that knows which adapter stands behind a port. Nest opens them through the module below, commands one by one.
 */

export const openEventLog = ({ kafka, dataDir, appendTimeoutMs: timeoutMs }: Config): Promise<EventLog> =>
  telling(() =>
    kafka
      ? openKafkaEventLog({ ...kafka, clientId: 'custodia-gateway', timeoutMs })
      : openEmbeddedEventLog({ dir: join(dataDir, 'log'), timeoutMs }),
  )

/** As the user for this work: the gateway reads, and nothing else. */
export const openAuditStore = ({ clickhouse, auditRetention, dataDir }: Config, work: Work): AuditStore =>
  openAuditStoreAs(work, {
    servers: clickhouse,
    socketPath: privateSocketPath(dataDir, 'audit.sock'),
    retention: auditRetention,
  })

export const openRecordStore = async (config: Config, logger: Logger): Promise<RecordStore> =>
  reaching('PostgreSQL', () =>
    RecordStore.open({
      connection: config.postgresUrl ?? postgresSocketOf(config.postgresRunDir),
      pool: config.postgresPool,
      onError: (error) => logger.warn({ err: error }, 'record store: an idle connection ended'),
    }),
  )

export const openPhotoStore = ({ s3, dataDir }: Config): Promise<PhotoStore> =>
  telling(() => (s3 ? openS3PhotoStore(s3) : openPhotoFolder(join(dataDir, 'photos'))))

export async function openKeys(config: Config, records: RecordStore): Promise<KeyProvider> {
  return telling(async () => {
    const keys = await openKeyFile(keyFileOf(config))
    await requireSameKeys(records, keys)
    return keys
  })
}

/** Closes what was opened, in the reverse order of need. */
class Adapters implements OnApplicationShutdown {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(AUDIT_STORE) private readonly audit: AuditStore,
    @Inject(RECORD_STORE) private readonly records: RecordStore,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled([this.log.close(), this.audit.close(), this.records.close()])
  }
}

@Global()
@Module({})
export class AdaptersModule {
  static for(config: Config): DynamicModule {
    return {
      module: AdaptersModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useFactory: () => createLogger(config.logLevel, 'gateway') },
        { provide: EVENT_LOG, useFactory: () => openEventLog(config) },
        { provide: AUDIT_STORE, useFactory: () => openAuditStore(config, 'reader') },
        {
          provide: RECORD_STORE,
          inject: [LOGGER],
          useFactory: (logger: Logger) => openRecordStore(config, logger),
        },
        { provide: PHOTO_STORE, useFactory: () => openPhotoStore(config) },
        {
          provide: KEY_PROVIDER,
          inject: [RECORD_STORE],
          useFactory: (records: RecordStore) => openKeys(config, records),
        },
        Adapters,
      ],
      exports: [CONFIG, LOGGER, EVENT_LOG, AUDIT_STORE, RECORD_STORE, PHOTO_STORE, KEY_PROVIDER],
    }
  }
}
