import { fileURLToPath } from 'node:url'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import * as schema from './schema.js'

export type Database = NodePgDatabase<typeof schema>
/** The database, or a transaction of it: what a query needs. */
export type Queries = Pick<Database, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'query'>

export interface RecordStoreOptions {
  /** a connection string, or the Unix socket directory of the embedded server */
  connection: string | { host: string; user: string; database: string }
  /** connections kept open at the most */
  pool?: number
  onError: (error: Error) => void
}

/**
 * Port 3: PostgreSQL 15 to 18. One schema, one set of migrations; the embedded server is PostgreSQL too, so this is the
 * only adapter, and "embedded" says only who starts the server.
 */
export class RecordStore {
  private constructor(
    private readonly pool: pg.Pool,
    readonly db: Database,
  ) {}

  static async open(options: RecordStoreOptions): Promise<RecordStore> {
    const target =
      typeof options.connection === 'string' ? { connectionString: options.connection } : options.connection
    const pool = new pg.Pool({
      ...target,
      max: options.pool ?? 10,
      connectionTimeoutMillis: 5000,
      statement_timeout: 30_000,
    })
    // Without a listener a server that stops under idle clients would end this process.
    pool.on('error', options.onError)
    const db = drizzle(pool, { schema })
    const store = new RecordStore(pool, db)
    await store.migrate()
    return store
  }

  /** Brings the schema up to date; an advisory lock lets several processes start at once. */
  private async migrate(): Promise<void> {
    const client = await this.pool.connect()
    let failure: unknown
    try {
      await client.query('select pg_advisory_lock(7345001)')
      await migrate(drizzle(client), {
        migrationsFolder: fileURLToPath(new URL('../../migrations', import.meta.url)),
      })
      await client.query('select pg_advisory_unlock(7345001)')
    } catch (error) {
      failure = error
      throw error
    } finally {
      // After a failure the connection goes, and the lock with it.
      client.release(failure !== undefined)
    }
  }

  /** rejects when the server does not answer */
  async check(): Promise<void> {
    await this.pool.query('select 1')
  }

  async close(): Promise<void> {
    await this.pool.end()
  }
}
