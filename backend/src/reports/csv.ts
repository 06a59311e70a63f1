/** A cell as RFC 4180 has it; a leading sign that a spreadsheet would run as a formula is disarmed. */
export const csvCell = (value: unknown): string => {
  const text = value === undefined || value === null ? '' : String(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const csvLine = (cells: readonly unknown[]): string => `${cells.map(csvCell).join(',')}\r\n`

/** So that spreadsheets read UTF-8. */
export const byteOrderMark = '\uFEFF'
