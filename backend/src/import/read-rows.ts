import { parse } from 'csv-parse/sync'
import { ImportRefused, type Finding } from './codes.js'
import { readHeader, type Columns, type Field, type Values } from './columns.js'
import { decodeText, type Encoding } from './encoding.js'

export interface RawRow {
  /** as a spreadsheet counts: the header is 1 */
  row: number
  values: Values
  findings: Finding[]
}
export interface CustomerFile {
  encoding: Encoding
  columns: Columns
  rows: RawRow[]
}
export interface ReadOptions {
  encoding?: Encoding
  map?: ReadonlyMap<string, string>
  /** fields that every row must have, unless an option of the command gives them */
  required: readonly Field[]
}

const longestRow = 100_000
/** What stands in for a column. */
const optionFor: Partial<Record<Field, string>> = { business_type: '--business-type', owner: '--owner' }
const delimiters = [',', ';', '\t']

/** Reads the table; what is wrong with single rows is found here or later, and told per row. */
export function readCustomerFile(bytes: Buffer, options: ReadOptions): CustomerFile {
  const { text, encoding } = decodeText(bytes, options.encoding)
  const [header, ...records] = parseTable(text)
  if (!header) throw new ImportRefused('The file is empty: the first line names the columns.')
  const columns = readHeader(header, options.map)
  const missing = options.required.filter((field) => columns.headerOf[field] === undefined)
  if (missing.length) {
    const given = missing.flatMap((field) => optionFor[field] ?? [])
    throw new ImportRefused(
      `No column for ${missing.join(', ')} was found (read as ${encoding.toUpperCase()}): name it with --map "header=field"${given.map((option) => `, give ${option} for all rows`).join('')}, or save the file as "CSV UTF-8".`,
    )
  }
  const rows = records.flatMap((cells, at): RawRow[] => {
    if (cells.every((cell) => !cell.trim())) return []
    const row = at + 2
    if (cells.length !== header.length) return [{ row, values: {}, findings: [{ code: 'wrong_number_of_cells' }] }]
    const values: Values = {}
    for (const [position, field] of columns.fields.entries()) {
      const value = cells[position]?.trim()
      if (field && value) values[field] = value
    }
    return [{ row, values, findings: [] }]
  })
  return { encoding, columns, rows }
}

function parseTable(text: string): string[][] {
  const firstLine = text.slice(0, text.search(/\r|\n|$/))
  const counted = delimiters.map((delimiter) => firstLine.split(delimiter).length)
  const delimiter = delimiters[counted.indexOf(Math.max(...counted))]
  try {
    return parse(text, { delimiter, relax_column_count: true, max_record_size: longestRow })
  } catch (error) {
    const { lines } = error as { lines?: number }
    throw new ImportRefused(
      `The table cannot be read${lines ? ` at line ${lines}` : ''}: a quotation mark is not closed, or stands where none may be.`,
    )
  }
}
