import type { RawInsertFormat } from 'chdb'

/** An INSERT whose rows come as the request's body, taken apart for the engine's zero-copy insert. */
export interface BodyInsert {
  table: string
  columns?: string[]
  format: RawInsertFormat
}

const identifier = '[A-Za-z_][A-Za-z0-9_]*'
const insertHead = new RegExp(
  `^\\s*INSERT\\s+INTO\\s+(?:TABLE\\s+)?(${identifier}(?:\\.${identifier})?)\\s*(?:\\(([^()]*)\\))?\\s*FORMAT\\s+(\\w+)\\s*$`,
  'i',
)
const rawFormats: readonly RawInsertFormat[] = [
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'CSVWithNames',
  'TSV',
  'TabSeparated',
  'TSVWithNames',
  'TabSeparatedWithNames',
]

/** Undefined when the statement is not of that plain form: it then runs as text. */
export const parseBodyInsert = (sql: string): BodyInsert | undefined => {
  const [, table, columns, formatName] = insertHead.exec(sql) ?? []
  const format = rawFormats.find((name) => name.toLowerCase() === formatName?.toLowerCase())
  if (!table || !format) return undefined
  return { table, format, ...(columns ? { columns: columns.split(',').map((column) => column.trim()) } : {}) }
}

/** Whether the statement only reads; anything else goes to the lanes of writers. */
export const readsOnly = (sql: string): boolean =>
  /^\s*(?:--[^\n]*\n\s*)*\(*\s*(?:SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b/i.test(sql)

const quote = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** `SET a = '1', param_b = '2'`; names come from a URL, so they are checked, and values are quoted. */
export const setStatement = (settings: Iterable<readonly [string, string]>): string | undefined => {
  const parts = [...settings].map(([name, value]) => {
    if (!/^\w+$/.test(name)) throw new TypeError('A setting has a name that is not an identifier')
    return `${name} = ${quote(value)}`
  })
  return parts.length > 0 ? `SET ${parts.join(', ')}` : undefined
}
