import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { RecordStoreOptions } from './record-store.js'

/** What a PostgreSQL says about itself and about us, without anything being changed. */
export interface PostgresFacts {
  version: number
  versionText: string
  superuser: boolean
  /** may make and change tables: needed while migrating */
  mayMigrate: boolean
  /** tables of ours that this role may not read and write */
  closedTables: string[]
  /** migrations that this program brings and the database lacks, where this role may know; the other way round: it was migrated by a newer program */
  missing: string[] | 'unknown'
  newer: boolean
  /** settings that give up acknowledged work in a crash */
  careless: string[]
  /** the server's clock less ours, and how exactly that is known */
  clockMs: number
  clockExactMs: number
  /** undefined on a Unix socket */
  encrypted: boolean | undefined
  connections: { used: number; most: number }
}

const journal = new URL('../../migrations/meta/_journal.json', import.meta.url)

export async function inspectPostgres(
  connection: RecordStoreOptions['connection'],
  patienceMs: number,
): Promise<PostgresFacts> {
  const target = typeof connection === 'string' ? { connectionString: connection } : connection
  const client = new pg.Client({ ...target, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs })
  client.on('error', () => undefined) // told by the statement that failed
  await client.connect()
  try {
    return await ask(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function ask(client: pg.Client): Promise<PostgresFacts> {
  const [server] = await rows<Server>(client, aboutServer)
  const tables = await rows<{ name: string; open: boolean }>(client, aboutTables)
  const before = Date.now()
  const [clock] = await rows<{ now: number }>(
    client,
    'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
  )
  const after = Date.now()
  const applied = await appliedMigrations(client)
  const brought = (JSON.parse(readFileSync(journal, 'utf8')) as { entries: { when: number; tag: string }[] }).entries
  return {
    version: Math.floor(server!.version / 10_000),
    versionText: server!.text,
    superuser: server!.superuser,
    mayMigrate: server!.may_create && server!.may_schema,
    closedTables: tables.filter(({ open }) => !open).map(({ name }) => name),
    missing: applied === undefined ? 'unknown' : brought.filter(({ when }) => when > applied).map(({ tag }) => tag),
    newer: (applied ?? 0) > Math.max(...brought.map(({ when }) => when)),
    careless: server!.careless,
    clockMs: clock!.now - (before + after) / 2,
    clockExactMs: (after - before) / 2,
    encrypted: server!.on_socket ? undefined : server!.encrypted,
    connections: { used: server!.used, most: server!.most },
  }
}

interface Server {
  version: number
  text: string
  superuser: boolean
  may_create: boolean
  may_schema: boolean
  careless: string[]
  on_socket: boolean
  encrypted: boolean
  used: number
  most: number
}

const aboutServer = `
  select current_setting('server_version_num')::int as version,
         current_setting('server_version') as text,
         (select rolsuper from pg_roles where rolname = current_user) as superuser,
         has_schema_privilege(current_schema(), 'CREATE') as may_create,
         has_database_privilege(current_database(), 'CREATE') as may_schema,
         array(select name from unnest(array['fsync', 'full_page_writes', 'synchronous_commit']) as name
                where current_setting(name) = 'off') as careless,
         inet_server_addr() is null as on_socket,
         coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
         (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as used,
         current_setting('max_connections')::int as most`

const aboutTables = `
  select c.relname as name,
         has_table_privilege(c.oid, 'SELECT') and has_table_privilege(c.oid, 'INSERT')
           and has_table_privilege(c.oid, 'UPDATE') and has_table_privilege(c.oid, 'DELETE') as open
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = current_schema() and c.relkind in ('r', 'p')
   order by 1`

/** When the newest migration that ran was made; 0 before the first; undefined where this role may not know. */
async function appliedMigrations(client: pg.Client): Promise<number | undefined> {
  const [schema] = await rows<{ open: boolean }>(
    client,
    `select has_schema_privilege(oid, 'USAGE') as open from pg_namespace where nspname = 'drizzle'`,
  )
  if (!schema) return 0
  if (!schema.open) return undefined
  const [newest] = await rows<{ at: string | null }>(
    client,
    'select max(created_at) as at from drizzle.__drizzle_migrations',
  )
  return Number(newest?.at ?? 0)
}

const rows = async <Row extends pg.QueryResultRow>(client: pg.Client, sql: string): Promise<Row[]> =>
  (await client.query<Row>(sql)).rows
