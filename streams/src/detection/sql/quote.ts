const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

/** Any text as a literal of ClickHouse: nothing in it can end the literal, or reach the terminal as a control character. */
export const literal = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  `'${text.replace(/[\\'\x00-\x1f\x7f]/g, (char) => escapes[char] ?? `\\x${hex(char)}`)}'`

const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(2, '0')

export const literals = (texts: readonly string[]): string => texts.map(literal).join(', ')

/** A number as a literal of Float64: the shortest text that reads back as the same number. */
export const float = (number: number): string => {
  if (Number.isNaN(number)) return 'nan'
  if (!Number.isFinite(number)) return number > 0 ? 'inf' : '-inf'
  return `toFloat64(${number})`
}

export const and = (conditions: readonly string[]): string => joined(conditions, 'AND', 'true')
export const or = (conditions: readonly string[]): string => joined(conditions, 'OR', 'false')
export const not = (condition: string): string =>
  condition === 'true' ? 'false' : condition === 'false' ? 'true' : `NOT (${condition})`

/** `neutral` changes nothing and its opposite decides: both are left out where that is so. */
const joined = (conditions: readonly string[], by: 'AND' | 'OR', neutral: 'true' | 'false'): string => {
  const decides = neutral === 'true' ? 'false' : 'true'
  const left = [...new Set(conditions)].filter((condition) => condition !== neutral)
  if (left.includes(decides)) return decides
  if (left.length < 2) return left[0] ?? neutral
  return `(${left.join(` ${by} `)})`
}
