import { foldCase } from '../sigma/fold.js'
import type { Part } from '../sigma/text.js'
import { ONE } from '../sigma/text.js'
import { literal, literals } from './quote.js'

/** The last letters that have a case stand before this one. */
const END = 0x1f000
/** The only letter that becomes two characters: i and a dot above. */
const DOTTED = 'İ'
const DOT = '\u0307'

/** Small letter → the letters outside ASCII that become it in the engine. */
let table: Map<string, string[]> | undefined
const capitals = (): Map<string, string[]> => {
  if (table) return table
  table = new Map()
  for (let code = 0x80; code < END; code++) {
    const char = String.fromCodePoint(code)
    const lower = foldCase(char)
    if (lower !== char && char !== DOTTED) table.set(lower, [...(table.get(lower) ?? []), char])
  }
  return table
}

const replaced = (sql: string, from: string, to: string): string =>
  `replaceAll(${sql}, ${literal(from)}, ${literal(to)})`

/**
 * Lower-cases a value as far as these folded texts can tell: ClickHouse's `lower` does ASCII, and only letters that stand in
 * a text matter beyond it. The engine's rule is near JavaScript's, which no function of ClickHouse has exactly.
 */
export const foldFor =
  (texts: readonly (readonly Part[])[]): ((sql: string) => string) =>
  (sql) => {
    const chars = new Set(
      texts.flatMap((parts) => parts.flatMap((part) => (typeof part === 'string' ? [...part] : []))),
    )
    const patterns = texts.some((parts) => parts.some((part) => typeof part !== 'string'))
    let folded = sql
    for (const char of chars) for (const capital of capitals().get(char) ?? []) folded = replaced(folded, capital, char)
    const dotted = chars.has(DOT) || (patterns && (chars.has('i') || texts.some((parts) => parts.includes(ONE))))
    if (dotted) folded = replaced(folded, DOTTED, `i${DOT}`)
    return `lower(${folded})`
  }

/** Lower-cases any text, for comparing two values of the data. A statement that does so begins with `foldAnyLambda`. */
export const foldAny = (sql: string): string => `fold_any(${sql})`

/** The engine's rule for every letter. */
export const foldAnyLambda = (): string => {
  const pairs = [...capitals()].flatMap(([lower, uppers]) => uppers.map((upper) => [upper, lower] as const))
  const [from, to] = [pairs.map(([upper]) => upper).join(''), pairs.map(([, lower]) => lower).join('')]
  return `(text -> lower(translateUTF8(${replaced('text', DOTTED, `i${DOT}`)}, ${literals([from, to])}))) AS fold_any`
}
