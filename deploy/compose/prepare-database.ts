import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PostgresServer } from '../servers/postgres.mjs'
import { root } from './compose-file.js'

/** Runs the compose file's script on a server, as its image does on the first start. Returns `host:port`. */
export async function prepareDatabase(server: PostgresServer, environment: Record<string, string>): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(await server.createDatabase('administration'))
  const psql = (user: string, secret: string) => ({
    PATH: `${server.bin}:${process.env['PATH']}`,
    LD_LIBRARY_PATH: librariesOf(server.bin),
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: user,
    PGPASSWORD: secret,
    PGDATABASE: pathname.slice(1),
  })
  const run = (sql: string, user: string, secret: string) =>
    execFileSync('psql', ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', sql], {
      env: psql(user, secret),
    })
  // Of this server the administrator has Custodia's own name; in the container that is `postgres`.
  const administrator = environment['POSTGRES_PASSWORD'] ?? ''
  run(`create role postgres superuser login password '${administrator}'`, username, password)
  run(`alter role ${username} rename to administrator`, 'postgres', administrator)
  execFileSync(join(root, 'deploy/compose/postgres.sh'), {
    env: { ...psql('postgres', administrator), DATABASE_PASSWORD: environment['DATABASE_PASSWORD'] },
  })
  return `${hostname}:${port}`
}

/** Where a package that was unpacked, not installed, has its libraries. */
function librariesOf(bin: string): string {
  const lib = join(bin, '../../..')
  return readdirSync(lib)
    .filter((name) => name.includes('-linux-'))
    .map((name) => join(lib, name))
    .join(':')
}
