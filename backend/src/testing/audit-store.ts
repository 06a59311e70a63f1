import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openClickHouse, privateSocketPath, startChdb, type ChdbProcess } from '@custodia/streams/audit-store'
import { layKept, type KeptFolder } from './kept-folder.js'

const inRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

const migratedStore: KeptFolder = {
  name: 'test-audit-store',
  madeOf: [inRepository('streams/dist/audit-store'), inRepository('package-lock.json')],
  make: async (dataDir, base) => {
    const socketPath = privateSocketPath(base, 'audit.sock')
    const server = await startChdb({ dataDir, socketPath })
    const store = openClickHouse({ socketPath })
    try {
      await store.migrate()
    } finally {
      await store.close()
      await server.stop()
    }
  },
}

/** The built-in audit store of a data directory, with its tables. */
export async function startTestAuditStore(dataDir: string): Promise<ChdbProcess> {
  await layKept(join(dataDir, 'clickhouse'), migratedStore)
  return startChdb({ dataDir: join(dataDir, 'clickhouse'), socketPath: privateSocketPath(dataDir, 'audit.sock') })
}
