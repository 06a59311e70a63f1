import type { AuditStore } from './audit-store.js'
import { migrations } from './migrations/index.js'

/**
 * Runs what is missing, oldest first, and returns the names of what ran. Each statement can be repeated, so that a
 * migration that was cut short, or that two processes run at once, ends in the same schema.
 */
export const migrate = async (
  store: Pick<AuditStore, 'query' | 'insert'>,
  run: (statement: string) => Promise<unknown>,
): Promise<string[]> => {
  await run(`CREATE TABLE IF NOT EXISTS schema_migrations
    (version UInt32, name String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
    ENGINE = ReplacingMergeTree ORDER BY version
    SETTINGS non_replicated_deduplication_window = 100`)
  const applied = await store.query<{ version: number }>('SELECT DISTINCT version FROM schema_migrations')
  const done = new Set(applied.map(({ version }) => version))
  const ran: string[] = []
  for (const { version, name, statements } of migrations) {
    if (done.has(version)) continue
    for (const statement of statements) await run(statement)
    await store.insert('schema_migrations', [JSON.stringify({ version, name })], { token: `migration/${version}` })
    ran.push(`${version} ${name}`)
  }
  return ran
}
