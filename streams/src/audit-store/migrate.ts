import type { AuditStore, QueryParams } from './audit-store.js'
import { migrations, type Migration } from './migrations/index.js'
import type { Statement } from './schema/changes.js'
import type { Layout } from './schema/layout.js'

export interface Migrating {
  store: Pick<AuditStore, 'query' | 'insert'>
  layout: Layout
  run: (statement: string, params?: QueryParams) => Promise<unknown>
}

/**
 * Runs what is missing, oldest first, and returns the names of what ran. Each statement can be repeated, so that a
 * migration that was cut short, or that two processes run at once, ends in the same schema.
 */
export const migrate = async (
  { store, layout, run }: Migrating,
  steps: readonly Migration[] = migrations,
): Promise<string[]> => {
  await run(journal(layout))
  const done = await applied(store)
  const ran: string[] = []
  for (const { version, name, changes } of steps) {
    if (done.has(version)) continue
    for (const statement of changes.flatMap((change) => change(layout))) await runUnlessDone(statement, { store, run })
    await store.insert('schema_migrations', [JSON.stringify({ version, name })], { token: `migration/${version}` })
    ran.push(`${version} ${name}`)
  }
  return ran
}

/** Migrations that this program brings and the store lacks. */
export const missingMigrations = async (store: Pick<AuditStore, 'query'>): Promise<string[]> => {
  const done = await applied(store)
  return migrations.filter(({ version }) => !done.has(version)).map(({ version, name }) => `${version} ${name}`)
}

const applied = async (store: Pick<AuditStore, 'query'>): Promise<Set<number>> => {
  const rows = await store.query<{ version: number }>('SELECT DISTINCT version FROM schema_migrations')
  return new Set(rows.map(({ version }) => version))
}

/** On a cluster every node has it, so that whichever is asked knows. */
export const journal = (layout: Layout): string => `CREATE TABLE IF NOT EXISTS schema_migrations${layout.onCluster}
  (version UInt32, name String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
  ENGINE = ${layout.engineOfEveryNode('ReplacingMergeTree')} ORDER BY version
  SETTINGS ${layout.durable}`

const runUnlessDone = async (
  { sql, unless, each }: Statement,
  { store, run }: Omit<Migrating, 'layout'>,
): Promise<void> => {
  if (unless !== undefined && (await store.query(unless)).length > 0) return
  const pieces = each === undefined ? [{}] : await store.query<{ piece: string }>(each)
  for (const piece of pieces) await run(sql, { ...piece })
}
