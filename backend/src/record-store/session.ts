import type { Readable, Writable } from 'node:stream'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

/** One connection of its own, for what a pool and a query builder cannot say: COPY, and locks that outlive a transaction. */
export interface Session {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** rows of `COPY … TO STDOUT`, streamed as fast as they are read */
  copyOut(sql: string): Readable
  /** takes what `COPY … FROM STDIN` reads */
  copyIn(sql: string): Writable
}

/** Runs `work` on a connection that nobody else uses meanwhile. When this settles it is closed, and its locks and settings are gone. */
export async function withSession<T>(pool: pg.Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  // The server closes its end only after it has let go of the locks.
  const closed = new Promise((resolve) => client.once('end', resolve))
  let lost: Error | undefined
  // A server that stops would otherwise end the process; the statement that runs fails by itself.
  client.on('error', (error) => (lost = error))
  try {
    // Copying a large table takes as long as it takes.
    await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0')
    return await work({
      query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        (await client.query<Row>(sql, [...values])).rows,
      copyOut: (sql) => client.query(copyTo(sql)),
      copyIn: (sql) => client.query(copyFrom(sql)),
    })
  } catch (error) {
    throw lost ?? error
  } finally {
    client.release(true)
    await closed
  }
}
