import { sql } from 'drizzle-orm'
import type { Queries } from './record-store.js'

/** Alone among all who name the same, until the transaction ends. */
export const lockByName = async (tx: Queries, name: string): Promise<void> => {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`)
}
