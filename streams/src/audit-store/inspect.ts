import { text } from 'node:stream/consumers'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { openClickHouse } from './clickhouse.js'
import { connectionOf, type ClickHousePlace } from './connection.js'
import { migrations } from './migrations/index.js'

/** What a ClickHouse says about itself and about us, without anything being changed. */
export interface ClickHouseFacts {
  version: string
  /** what this user lacks: reading, writing, migrating */
  lacks: ('SELECT' | 'INSERT' | 'CREATE TABLE')[]
  /** migrations that this program brings and the database lacks */
  missing: string[]
  /** it was migrated by a newer program */
  newer: boolean
  /** the server's clock less ours, and how exactly that is known */
  clockMs: number
  clockExactMs: number
  disks: { name: string; freeBytes: number; totalBytes: number }[]
}

const maxSeconds = 3

export const inspectClickHouse = async (place: ClickHousePlace): Promise<ClickHouseFacts> => {
  const store = openClickHouse(place)
  const ask = <Row>(sql: string): Promise<Row[]> => store.query<Row>(sql, {}, { maxSeconds })
  try {
    const before = Date.now()
    const [server] = await ask<{ version: string; now: number }>(
      'SELECT version() AS version, toFloat64(toUnixTimestamp64Milli(now64(3))) AS now',
    )
    const after = Date.now()
    const lacks = await lackedRights(place)
    const disks = await ask<{ name: string; free: number; total: number }>(
      'SELECT name, toFloat64(unreserved_space) AS free, toFloat64(total_space) AS total FROM system.disks',
    ).catch(() => []) // a user who may not see the server's own tables
    const applied = lacks.includes('SELECT') ? new Set<number>() : await appliedMigrations(ask)
    return {
      version: server?.version ?? '',
      lacks,
      missing: migrations
        .filter(({ version }) => !applied.has(version))
        .map(({ version, name }) => `${version} ${name}`),
      newer: Math.max(0, ...applied) > Math.max(...migrations.map(({ version }) => version)),
      clockMs: (server?.now ?? 0) - (before + after) / 2,
      clockExactMs: (after - before) / 2,
      disks: disks.map(({ name, free, total }) => ({ name, freeBytes: free, totalBytes: total })),
    }
  } finally {
    await store.close()
  }
}

/** Landing's user may add rows to single tables, and to nothing else. */
const wanted = [
  ['SELECT', '*'],
  ['INSERT', 'access_events'],
  ['CREATE TABLE', '*'],
] as const

type Ask = <Row>(sql: string) => Promise<Row[]>

/** This statement takes no FORMAT, which a query of the store's always has. */
const lackedRights = async (place: ClickHousePlace): Promise<ClickHouseFacts['lacks']> => {
  const client = createClient({ ...connectionOf(place), log: { level: ClickHouseLogLevel.OFF } })
  const may = async (right: string, on: string): Promise<boolean> => {
    const abort_signal = AbortSignal.timeout(maxSeconds * 1000)
    const { stream } = await client.exec({ query: `CHECK GRANT ${right} ON ${on}`, abort_signal })
    return (await text(stream)).trim() === '1'
  }
  try {
    const lacks: ClickHouseFacts['lacks'] = []
    for (const [right, on] of wanted) if (!(await may(right, on))) lacks.push(right)
    return lacks
  } finally {
    await client.close()
  }
}

const appliedMigrations = async (ask: Ask): Promise<Set<number>> => {
  const [table] = await ask<{ result: number }>('EXISTS TABLE schema_migrations')
  if (Number(table?.result) !== 1) return new Set()
  const rows = await ask<{ version: number }>('SELECT DISTINCT version FROM schema_migrations')
  return new Set(rows.map(({ version }) => Number(version)))
}
