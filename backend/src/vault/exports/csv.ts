/** What a spreadsheet would run as a formula, in plain and in full-width characters. */
const startsFormula = /^[=+\-@\t\r\n＝＋－＠]/u

/** Every cell quoted; a leading apostrophe makes a spreadsheet show what it would have run. */
const cell = (value: string): string => `"${(startsFormula.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`

/** RFC 4180, with the byte order mark that spreadsheets need to read UTF-8. */
export const toCsv = (rows: readonly (readonly string[])[]): Buffer =>
  Buffer.from('\ufeff' + rows.map((row) => `${row.map(cell).join(',')}\r\n`).join(''))
