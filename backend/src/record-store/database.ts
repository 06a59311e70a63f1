import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type * as schema from './schema.js'

export type Database = NodePgDatabase<typeof schema>
/** The database, or a transaction of it: what a query needs. */
export type Queries = Pick<Database, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'query'>
