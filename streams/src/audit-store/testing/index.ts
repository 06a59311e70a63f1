import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditStore } from '../audit-store.js'
import { openClickHouse } from '../clickhouse.js'
import { startChdb } from '../server/start.js'

export interface TestAuditStore {
  store: AuditStore
  socketPath: string
  stop(): Promise<void>
}

/** The embedded audit store in a directory of its own, migrated and empty; `stop` removes it. */
export const startAuditStore = async (): Promise<TestAuditStore> => {
  const dir = await mkdtemp(join(tmpdir(), 'audit-store-test-'))
  const socketPath = join(dir, 'audit.sock')
  const server = await startChdb({ dataDir: join(dir, 'clickhouse'), socketPath })
  const store = openClickHouse({ socketPath })
  await store.migrate()
  return {
    store,
    socketPath,
    stop: async () => {
      await store.close()
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
