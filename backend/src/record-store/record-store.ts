import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import type pg from 'pg'
import { openPool, openUnhurriedPool, requireServerVersion, type Connection } from './connection.js'
import type { Database, Queries } from './database.js'
import { locks } from './locks.js'
import { withMigrations } from './migrations.js'
import * as schema from './schema.js'
import { serialisable, type Undoable } from './serialisable.js'
import { withSession, type Session } from './session.js'

export type { Database, Queries } from './database.js'

export interface RecordStoreOptions {
  connection: Connection
  /** connections kept open at the most */
  pool?: number
  /** how long a statement may take */
  patienceMs?: number
  /** for records of an earlier version: the schema as the migration of this time left it; otherwise the newest */
  schemaOf?: number
  onError: (error: Error) => void
}

/**
 * Port 3: PostgreSQL 15 to 18. One schema, one set of migrations; the embedded server is PostgreSQL too, so this is the
 * only adapter, and "embedded" says only who starts the server.
 */
export class RecordStore {
  /** a connection that the server ends now is no news */
  private closing = false

  private constructor(
    private readonly pool: pg.Pool,
    private readonly unhurried: pg.Pool,
    readonly db: Database,
  ) {}

  static async open({ connection, pool: max = 10, patienceMs = 10_000, schemaOf, onError }: RecordStoreOptions) {
    const pool = openPool(connection, max, patienceMs)
    const unhurried = openUnhurriedPool(connection)
    // Without a listener a server that stops under idle clients would end this process.
    const store = new RecordStore(pool, unhurried, drizzle(pool, { schema }))
    for (const each of [pool, unhurried]) each.on('error', (error) => store.closing || onError(error))
    try {
      await store.migrate(schemaOf)
    } catch (error) {
      await store.close()
      throw error
    }
    return store
  }

  /** Brings the schema up to date; an advisory lock lets several processes start at once. */
  private async migrate(until: number | undefined): Promise<void> {
    const client = await this.unhurried.connect()
    let failure: unknown
    try {
      const { rows } = await client.query<{ version: string }>(
        `select current_setting('server_version_num') as version`,
      )
      requireServerVersion(Number(rows[0]?.version))
      await client.query('select pg_advisory_lock($1)', [locks.migrating])
      await withMigrations(until, (migrationsFolder) => migrate(drizzle(client), { migrationsFolder }))
      await client.query('select pg_advisory_unlock($1)', [locks.migrating])
    } catch (error) {
      failure = error
      throw error
    } finally {
      // After a failure the connection goes, and the lock with it.
      client.release(failure !== undefined)
    }
  }

  /** A transaction for what two people can decide at once; see `serialisable`. */
  serialisable<T>(work: (tx: Queries) => Promise<T>, outside?: Undoable): Promise<T> {
    return serialisable(this.db, work, outside)
  }

  /** a connection of its own, closed afterwards: for COPY, and for locks that outlive a transaction */
  session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return withSession(this.unhurried, work)
  }

  /** rejects when the server does not answer */
  async check(): Promise<void> {
    await this.pool.query('select 1')
  }

  async close(): Promise<void> {
    this.closing = true
    await Promise.all([this.pool.end(), this.unhurried.end()])
  }
}
