/** What a spreadsheet would run as a formula, in plain and in full-width characters. */
const startsFormula = /^[=+\-@\t\r\n＝＋－＠]/u

/** So that spreadsheets read UTF-8. */
export const byteOrderMark = '\ufeff'

/** A row as RFC 4180 has it, every cell quoted; a leading apostrophe makes a spreadsheet show what it would have run. */
export const csvLine = (cells: readonly unknown[]): string => `${cells.map(csvCell).join(',')}\r\n`

const csvCell = (value: unknown): string => {
  const text = value === undefined || value === null ? '' : String(value)
  return `"${(startsFormula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}

/** A whole file. */
export const toCsv = (rows: readonly (readonly unknown[])[]): Buffer =>
  Buffer.from(byteOrderMark + rows.map(csvLine).join(''))
