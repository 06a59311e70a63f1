import { createHash, randomBytes } from 'node:crypto'
import type { Layout } from './schema/layout.js'

export const work = ['reader', 'writer', 'migrator'] as const
export type Work = (typeof work)[number]

/** A user of the server; without a password its statement has a place for one. */
export interface Login {
  name: string
  password?: string | undefined
}

/** What landing adds rows to. */
const landed = ['access_events', 'verdicts', 'alerts', 'dead_letters', 'late_events']
/** The gateway's client sets formats and bounds with each query, so 2: everything may be set but this. */
const readingSettings = 'readonly = 2, max_execution_time = 30 MAX 300, max_memory_usage = 8000000000'

/** Who may do what, the least for each: the privileges of the three roles on one database. */
const privileges = (layout: Layout, database: string): Record<Work, string[]> => {
  const everywhere = (tables: string[]): string[] => [
    ...new Set(tables.flatMap((table) => [table, layout.stored(table)])),
  ]
  return {
    reader: [`SELECT ON ${database}.*`],
    writer: [
      ...everywhere(landed).map((table) => `INSERT ON ${database}.${table}`),
      `SELECT ON ${database}.schema_migrations`, // whether the schema is the one it writes
    ],
    migrator: [
      `CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON ${database}.*`,
      ...(layout.onCluster ? ['CLUSTER ON *.*', 'REMOTE ON *.*'] : []), // DDL on all nodes; Distributed tables
    ],
  }
}

/**
 * The statements, by an administrator, that make three roles and their users, or bring existing ones to this: each can be
 * repeated. Passwords go out as salted hashes only.
 */
export const usersSql = (options: { layout: Layout; database: string; logins: Record<Work, Login> }): string[] => {
  const { layout, logins } = options
  const on = layout.onCluster
  const granted = privileges(layout, identifier(options.database))
  return work.flatMap((each) => {
    const role = `custodia_${each}`
    const user = identifier(logins[each].name)
    return [
      `CREATE ROLE IF NOT EXISTS ${role}${on}`,
      `ALTER ROLE ${role}${on} SETTINGS ${each === 'reader' ? readingSettings : 'NONE'}`,
      ...granted[each].map((privilege) => `GRANT${on} ${privilege} TO ${role}`),
      `CREATE USER IF NOT EXISTS ${user}${on} IDENTIFIED WITH ${secretOf(logins[each])}`,
      `ALTER USER ${user}${on} IDENTIFIED WITH ${secretOf(logins[each])}`,
      `GRANT${on} ${role} TO ${user}`,
      `ALTER USER ${user}${on} DEFAULT ROLE ${role}`,
    ]
  })
}

const secretOf = ({ name, password }: Login): string => {
  if (password === undefined) return `sha256_password BY '<password of ${name}>'`
  const salt = randomBytes(16).toString('hex')
  const hash = createHash('sha256').update(`${password}${salt}`).digest('hex')
  return `sha256_hash BY '${hash}' SALT '${salt}'`
}

const identifier = (name: string): string => {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name))
    throw new TypeError('A name of a user or database has letters, digits, _ . -')
  return `\`${name}\``
}
