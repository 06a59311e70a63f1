import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startPostgres, type EmbeddedPostgres, type PostgresConnection } from '../record-store/embedded.js'
import { findPostgresBinaries } from '../record-store/embedded-binaries.js'
import { RecordStore } from '../record-store/record-store.js'
import { layKept, type KeptFolder } from './kept-folder.js'

/** A fresh, migrated, empty database of its own. */
export interface TestPostgres {
  connection: PostgresConnection
  records: RecordStore
  /** the last one stops the server */
  stop(): Promise<void>
}

interface TestServer {
  server: EmbeddedPostgres
  base: string
}

const template = 'custodia_test_template'
const migrations = fileURLToPath(new URL('../../migrations', import.meta.url))
/** Nothing here outlives the test. */
const notDurable = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
let running: Promise<TestServer> | undefined
let users = 0
let made = 0

/** One server for all databases of a test file, gone with the last of them; each database is a copy of a migrated one. */
export async function startTestPostgres(): Promise<TestPostgres> {
  users++
  try {
    const { server } = await (running ??= startServer())
    const database = `custodia_test_${++made}`
    await administer(server, `create database ${database} template ${template}`)
    const connection = { ...server.connection, database }
    const records = await openRecords(connection)
    const stop = async () => {
      await records.close()
      await leave()
    }
    return { connection, records, stop }
  } catch (error) {
    await leave()
    throw error
  }
}

async function leave(): Promise<void> {
  if (--users > 0 || !running) return
  const stopping = running
  running = undefined
  const { server, base } = await stopping
  await server.stop()
  await rm(base, { recursive: true, force: true })
}

async function startServer(): Promise<TestServer> {
  const base = await mkdtemp(join(tmpdir(), 'custodia-test-'))
  await chmod(base, 0o711) // as root, the server runs as somebody else
  try {
    const dataDir = join(base, 'postgres')
    await layKept(dataDir, migratedCluster())
    return { server: await startPostgres({ dataDir, runDir: join(base, 'run'), settings: notDurable }), base }
  } catch (error) {
    await rm(base, { recursive: true, force: true })
    throw error
  }
}

const migratedCluster = (): KeptFolder => ({
  name: 'test-postgres',
  madeOf: [findPostgresBinaries().initdb, migrations],
  make: async (dataDir, base) => {
    const server = await startPostgres({ dataDir, runDir: join(base, 'run'), settings: notDurable })
    try {
      await administer(server, `create database ${template}`)
      await (await openRecords({ ...server.connection, database: template })).close()
    } finally {
      await server.stop()
    }
  },
})

/** A pool ends before its connections have said goodbye, so the server may still end one of them: nothing is lost. */
const openRecords = (connection: PostgresConnection) => RecordStore.open({ connection, onError: () => undefined })

async function administer(server: EmbeddedPostgres, sql: string): Promise<void> {
  const client = new pg.Client(server.connection)
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
