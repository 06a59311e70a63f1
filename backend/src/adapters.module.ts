import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common'
import { openClickHouse, privateSocketPath, type AuditStore } from '@custodia/streams/audit-store'
import { openEmbeddedEventLog, openKafkaEventLog, type EventLog } from '@custodia/streams/event-log'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { AUDIT_STORE, EVENT_LOG, KEY_PROVIDER, LOGGER, PHOTO_STORE, RECORD_STORE } from './adapters.js'
import { CONFIG, type Config } from './config.js'
import { createLogger } from './logger.js'
import { openPhotoFolder } from './photo-store/files.js'
import { postgresSocketOf } from './record-store/embedded.js'
import { RecordStore } from './record-store/record-store.js'
import { openKeyFile } from './vault/keys/key-file.js'
import { requireSameKeys } from './vault/keys/same-keys.js'

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

/** The only file that knows which adapter stands behind a port. */
@Global()
@Module({})
export class AdaptersModule {
  static for(config: Config): DynamicModule {
    return {
      module: AdaptersModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useFactory: () => createLogger(config.logLevel, 'gateway') },
        {
          provide: EVENT_LOG,
          useFactory: () =>
            config.kafka
              ? openKafkaEventLog({ ...config.kafka, clientId: 'custodia-gateway', timeoutMs: config.appendTimeoutMs })
              : openEmbeddedEventLog({ dir: join(config.dataDir, 'log'), timeoutMs: config.appendTimeoutMs }),
        },
        {
          provide: AUDIT_STORE,
          useFactory: () =>
            openClickHouse(
              config.clickhouseUrl
                ? { url: config.clickhouseUrl }
                : { socketPath: privateSocketPath(config.dataDir, 'audit.sock') },
            ),
        },
        {
          provide: RECORD_STORE,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            RecordStore.open({
              connection: config.postgresUrl ?? postgresSocketOf(config.postgresRunDir),
              onError: (error) => logger.warn({ err: error }, 'record store: an idle connection ended'),
            }),
        },
        { provide: PHOTO_STORE, useFactory: () => openPhotoFolder(join(config.dataDir, 'photos')) },
        {
          provide: KEY_PROVIDER,
          inject: [RECORD_STORE],
          useFactory: async (records: RecordStore) => {
            const keys = await openKeyFile(join(config.dataDir, 'keys', 'master.json'))
            await requireSameKeys(records, keys)
            return keys
          },
        },
        Adapters,
      ],
      exports: [CONFIG, LOGGER, EVENT_LOG, AUDIT_STORE, RECORD_STORE, PHOTO_STORE, KEY_PROVIDER],
    }
  }
}
