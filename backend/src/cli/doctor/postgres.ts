import { existsSync } from 'node:fs'
import type { Config } from '../../config.js'
import { postgresSocketOf } from '../../record-store/embedded.js'
import { inspectPostgres, type PostgresFacts } from '../../record-store/inspect.js'
import { clockOutcome, fail, notYet, ok, warn, type Check, type Outcome } from './finding.js'

const patienceMs = 4000

export const postgres = ({ postgresUrl, postgresRunDir, dataDir }: Config): Check => ({
  name: 'PostgreSQL',
  otherwise: postgresUrl
    ? 'see that the server runs, and that CUSTODIA_POSTGRES_URL names its host, port, database, user and password'
    : 'the embedded server does not run: start the system, or set CUSTODIA_POSTGRES_URL',
  run: async () => {
    if (!postgresUrl && !existsSync(dataDir)) return [notYet]
    const facts = await inspectPostgres(postgresUrl ?? postgresSocketOf(postgresRunDir), patienceMs)
    return [...version(facts), ...rights(facts, postgresUrl !== undefined), ...schema(facts), ...safety(facts)]
  },
})

function version({ version, versionText }: PostgresFacts): Outcome[] {
  if (version < 15) return [fail(`version ${versionText}`, 'use PostgreSQL 15 to 18')]
  if (version > 18) return [warn(`version ${versionText} is newer than any this was run on`, 'use PostgreSQL 15 to 18')]
  return [ok(`version ${versionText}`)]
}

function rights({ superuser, mayMigrate, closedTables, missing }: PostgresFacts, ofAServer: boolean): Outcome[] {
  if (closedTables.length > 0)
    return [
      fail(
        `this role may not read and write ${closedTables.join(', ')}`,
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO it, or let it own them',
      ),
    ]
  if (missing.length > 0 && !mayMigrate)
    return [
      fail(
        'this role may not make tables, and a migration waits',
        'run `custodia migrate` as the owner of the database',
      ),
    ]
  if (superuser && ofAServer)
    return [warn('this role is a superuser', 'give Custodia a role that owns its own database and nothing else')]
  return [ok('this role may read and write')]
}

function schema({ missing, newer }: PostgresFacts): Outcome[] {
  if (newer)
    return [
      warn('a newer version of Custodia migrated it', 'finish the upgrade; an older gateway goes on working meanwhile'),
    ]
  if (missing === 'unknown')
    return [
      warn(
        'this role may not see which migrations ran',
        'GRANT USAGE ON SCHEMA drizzle, and SELECT on its table, TO it',
      ),
    ]
  if (missing.length > 0)
    return [
      warn(`${missing.length} migrations wait: ${missing.join(', ')}`, 'run `custodia migrate`, or start a gateway'),
    ]
  return [ok('every migration has run')]
}

function safety({ careless, encrypted, clockMs, clockExactMs, connections: { used, most } }: PostgresFacts): Outcome[] {
  const found: Outcome[] = []
  if (careless.length > 0)
    found.push(
      fail(`${careless.join(', ')} off: a crash loses what was acknowledged`, 'switch them on in postgresql.conf'),
    )
  if (encrypted === false)
    found.push(
      warn(
        'the connection is not encrypted',
        'add sslmode=verify-full to CUSTODIA_POSTGRES_URL, unless the network is yours alone',
      ),
    )
  if (used > most * 0.8)
    found.push(warn(`${used} of ${most} connections in use`, 'raise max_connections: a gateway takes up to 10'))
  return [...found, ...clockOutcome(clockMs, clockExactMs)]
}
