import { getTableColumns, sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'

type Row<T extends PgTable> = T['$inferSelect']

/**
 * The rows of another table that belong to a selected one, as a column of the same statement: one round trip and one moment
 * for both. Not for tables with binary columns.
 */
export const rowsAsJson = <T extends PgTable>(table: T, where: SQL | undefined, orderBy: SQLWrapper) => {
  const columns = Object.entries(getTableColumns(table) as Record<string, PgColumn>)
  const pairs = sql.join(
    columns.map(([name, column]) => sql`${sql.raw(`'${name}'`)}, ${column}`),
    sql`, `,
  )
  const decode = (rows: Record<string, unknown>[]): Row<T>[] =>
    rows.map((row) => {
      for (const [name, column] of columns)
        if (row[name] !== null) row[name] = column.mapFromDriverValue(row[name] as never)
      return row as Row<T>
    })
  return sql`coalesce((select json_agg(json_build_object(${pairs}) order by ${orderBy}) from ${table} where ${where}), '[]')`.mapWith(
    { mapFromDriverValue: decode },
  )
}
