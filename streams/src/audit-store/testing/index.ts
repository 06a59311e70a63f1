import { createClient } from '@clickhouse/client'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditStore, QueryParams } from '../audit-store.js'
import { openClickHouse } from '../clickhouse.js'
import { connectionOf } from '../connection.js'
import { startChdb } from '../server/start.js'

export interface TestAuditStore {
  store: AuditStore
  socketPath: string
  /** any statement, as migrations run theirs */
  run(statement: string, params?: QueryParams): Promise<void>
  stop(): Promise<void>
}

/** The embedded audit store in a directory of its own, without a schema; `stop` removes it. */
export const startEmptyAuditStore = async (): Promise<TestAuditStore> => {
  const dir = await mkdtemp(join(tmpdir(), 'audit-store-test-'))
  const socketPath = join(dir, 'audit.sock')
  const server = await startChdb({ dataDir: join(dir, 'clickhouse'), socketPath })
  const store = openClickHouse({ socketPath })
  const client = createClient(connectionOf({ socketPath }))
  return {
    store,
    socketPath,
    run: async (query, params = {}) => void (await client.command({ query, query_params: params })),
    stop: async () => {
      await Promise.all([store.close(), client.close()])
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** The same with its schema, and empty. */
export const startAuditStore = async (): Promise<TestAuditStore> => {
  const audit = await startEmptyAuditStore()
  await audit.store.migrate()
  return audit
}
