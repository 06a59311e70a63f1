import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import type { Queries, RecordStoreOptions } from './record-store.js'
import * as schema from './schema.js'

/** A look at a record store that somebody else keeps: nothing is migrated, and nothing can be written. */
export async function readOnly<T>(
  connection: RecordStoreOptions['connection'],
  patienceMs: number,
  read: (tx: Queries) => Promise<T>,
): Promise<T> {
  const target = typeof connection === 'string' ? { connectionString: connection } : connection
  const client = new pg.Client({ ...target, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs })
  client.on('error', () => undefined) // told by the statement that failed
  await client.connect()
  try {
    await client.query('set default_transaction_read_only = on')
    return await read(drizzle(client, { schema }))
  } finally {
    await client.end().catch(() => undefined)
  }
}
