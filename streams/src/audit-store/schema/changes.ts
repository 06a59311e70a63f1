import type { Layout } from './layout.js'

export interface Statement {
  sql: string
  /** left out when this query has a row: for what cannot be repeated without harm */
  unless?: string
  /** run once for each row of this query, its column `piece` bound as {piece:String} */
  each?: string
}

/** A change of the schema, in no layout yet. */
export type Change = (layout: Layout) => readonly Statement[]

export interface Table {
  name: string
  /** name → type, default and codec */
  columns: Readonly<Record<string, string>>
  indexes?: Readonly<Record<string, string>>
  engine: 'MergeTree' | 'ReplacingMergeTree' | 'SummingMergeTree' | 'AggregatingMergeTree'
  partition?: string
  order: string
  settings?: string
}

const plain = (statements: readonly string[]): Statement[] => statements.map((sql) => ({ sql }))

/** The columns and indexes, one a line. */
const body = ({ columns, indexes = {} }: Table): string =>
  [
    ...Object.entries(columns).map(([name, type]) => `${name} ${type}`),
    ...Object.entries(indexes).map(([name, index]) => `INDEX ${name} ${index}`),
  ].join(',\n  ')

/** The table on each node, under a name of its own. */
export const createTableAs = (layout: Layout, stored: string, table: Table): string =>
  `CREATE TABLE IF NOT EXISTS ${stored}${layout.onCluster} (\n  ${body(table)}\n)
ENGINE = ${layout.engine(table.engine)}${table.partition ? `\nPARTITION BY ${table.partition}` : ''}
ORDER BY ${table.order}
SETTINGS ${[layout.durable, table.settings].filter(Boolean).join(', ')}`

export const createTable =
  (table: Table): Change =>
  (layout) =>
    plain([createTableAs(layout, layout.stored(table.name), table), ...layout.spread(table.name)])

/** Nothing is written anew: rows of before have the type's default. */
export const addColumns =
  (table: string, columns: Table['columns']): Change =>
  (layout) => {
    const added = Object.entries(columns).map(([name, type]) => `ADD COLUMN IF NOT EXISTS ${name} ${type}`)
    return plain(everyName(layout, table).map((name) => `ALTER TABLE ${name}${layout.onCluster} ${added.join(', ')}`))
  }

/** A table or view with what spreads it over shards. */
export const drop =
  (name: string): Change =>
  (layout) =>
    plain(everyName(layout, name).map((each) => `DROP TABLE IF EXISTS ${each}${layout.onCluster} SYNC`))

/** What lies on each node comes first when something is added; what asks all of them shows no more than these have. */
const everyName = (layout: Layout, name: string): string[] => [...new Set([layout.stored(name), name])]

export const dropView =
  (name: string): Change =>
  (layout) =>
    plain([`DROP VIEW IF EXISTS ${name}${layout.onCluster} SYNC`])

/** Writes what `select` makes of each block inserted into `from` to `to`, on the shard where the block lies. */
export const createMaterializedView =
  (view: { name: string; from: string; to: string; select: (from: string) => string }): Change =>
  (layout) =>
    plain([
      `CREATE MATERIALIZED VIEW IF NOT EXISTS ${view.name}${layout.onCluster} TO ${layout.stored(view.to)} AS
${view.select(layout.stored(view.from))}`,
    ])

/**
 * Writes what such a view would have made of the rows that were there before it, a day of receipt at a time. Run again it writes
 * them again: for tables that are read as sets. Between the plain names, so that on a cluster every shard's rows stay there.
 */
export const fillFromBefore =
  (view: { from: string; to: string; columns: readonly string[]; select: (from: string) => string }): Change =>
  ({ insertSettings }) => {
    const settings = Object.entries(insertSettings).map(([name, value]) => `${name} = ${literal(value)}`)
    const columns = view.columns.join(', ')
    return [
      {
        sql: `INSERT INTO ${view.to} (${columns}) ${settings.length ? `SETTINGS ${settings.join(', ')} ` : ''}
SELECT ${columns} FROM (${view.select(view.from)} WHERE toDate(appended_at) = {piece:Date})`,
        each: `SELECT DISTINCT toString(toDate(appended_at)) AS piece FROM ${view.from} ORDER BY piece`,
      },
    ]
  }

const literal = (value: string | number): string => (typeof value === 'string' ? `'${value}'` : String(value))

/** What a materialized view makes of the blocks that come from now on. */
export const changeMaterializedView =
  (view: { name: string; from: string; select: (from: string) => string }): Change =>
  (layout) =>
    plain([`ALTER TABLE ${view.name}${layout.onCluster} MODIFY QUERY ${view.select(layout.stored(view.from))}`])

/** A view of what lies together on a shard; the plain name asks every shard. */
export const createViewOfShard =
  (view: { name: string; select: (stored: (table: string) => string) => string }): Change =>
  (layout) =>
    plain([
      `CREATE VIEW IF NOT EXISTS ${layout.stored(view.name)}${layout.onCluster} AS\n${view.select(layout.stored)}`,
      ...layout.spread(view.name),
    ])

/** A view of plain names. */
export const createView =
  (view: { name: string; select: string }): Change =>
  (layout) =>
    plain([`CREATE VIEW IF NOT EXISTS ${view.name}${layout.onCluster} AS\n${view.select}`])
