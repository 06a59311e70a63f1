import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { reaching } from '../settings/start-error.js'
import { layoutOf } from './schema/layout.js'
import { databaseOf, type AuditServers } from './settings.js'
import { usersSql, work, type Login, type Work } from './users.js'

/** The statements that make the three users which the configuration names, with places for their passwords. */
export const printableUsers = (servers: AuditServers): string[] => statementsOf(servers, () => undefined)

/** Makes them by CUSTODIA_CLICKHOUSE_ADMIN_URL, with the passwords of the configuration; returns their names. */
export const applyUsers = async (servers: AuditServers): Promise<string[]> => {
  if (servers.admin === undefined)
    throw new Error('CUSTODIA_CLICKHOUSE_ADMIN_URL is missing: name a user who may make users, for this command alone.')
  const statements = statementsOf(servers, (url) => decodeURIComponent(url.password))
  const client = createClient({ url: servers.admin, log: { level: ClickHouseLogLevel.OFF } }) // its lines carry the statements
  try {
    await reaching('ClickHouse', async () => {
      for (const query of statements) await client.command({ query })
    })
  } finally {
    await client.close()
  }
  return work.map((each) => loginOf(servers, each, () => undefined).name)
}

const statementsOf = (servers: AuditServers, passwordOf: (url: URL) => string | undefined): string[] => {
  const login = (each: Work): Login => loginOf(servers, each, passwordOf)
  const logins = { reader: login('reader'), writer: login('writer'), migrator: login('migrator') }
  if (new Set(Object.values(logins).map(({ name }) => name)).size < work.length)
    throw new Error('The three URLs name fewer than three users: give each work a user of its own.')
  const database = databaseOf(servers.migrator ?? '')
  return usersSql({ layout: layoutOf({ cluster: servers.cluster, database }), database, logins })
}

const loginOf = (servers: AuditServers, each: Work, passwordOf: (url: URL) => string | undefined): Login => {
  const url = servers[each]
  const name = url === undefined ? '' : decodeURIComponent(new URL(url).username)
  if (url === undefined || name === '')
    throw new Error(
      `CUSTODIA_CLICKHOUSE_${each.toUpperCase()}_URL names no user: http(s)://user:password@host:8123/database`,
    )
  return { name, password: passwordOf(new URL(url)) }
}
