/** The value below which `share` of the sorted values lie. */
export const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN

export const median = (values) =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )

/** Lowest and highest of the rounds, so that a reader sees how quiet the machine was. */
export const spread = (values) => [Math.min(...values), Math.max(...values)]

const digits = (value) => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2)
export const show = (value) => (Number.isFinite(value) ? value.toFixed(digits(value)) : '–')

/** Characters beyond ASCII are one column wide in what we print. */
const width = (text) => [...text].length

/** Prints rows under their heads; the first column is text, the others are numbers or short words. */
export function printTable(title, heads, rows) {
  const cells = [heads, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? show(cell) : cell)))]
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => width(row[column]))))
  const line = (row) =>
    row
      .map((cell, column) => {
        const blank = ' '.repeat(widths[column] - width(cell))
        return column === 0 ? cell + blank : blank + cell
      })
      .join('  ')
  console.log(`\n${title}`)
  console.log(line(cells[0]))
  console.log(widths.map((columns) => '─'.repeat(columns)).join('  '))
  for (const row of cells.slice(1)) console.log(line(row))
}
