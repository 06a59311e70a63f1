import { RuleError } from '../rule-error.js'
import { ANY, joinParts, ONE, type Part, parseText } from '../text.js'
import type { RegexValue, TextValue, Value } from '../value.js'
import { type CompileContext, type Modifier, needText, replaceValues } from './modifier.js'

const MOST = 10_000
/** What hides a placeholder from being found: its bytes are not `%name%` any more. */
const encoders = ['base64', 'base64offset', 'wide', 'utf16le', 'utf16be', 'utf16']

/** Alternatives for a row of pieces, each of which has some. */
const combined = <T>(pieces: readonly (readonly (readonly T[])[])[]): T[][] => {
  let rows: T[][] = [[]]
  for (const alternatives of pieces) {
    if (rows.length * alternatives.length > MOST)
      throw new RuleError(`placeholders expand to more than ${MOST.toLocaleString('en')} values`)
    rows = rows.flatMap((before) => alternatives.map((after) => [...before, ...after]))
  }
  return rows
}

/** Plain text and `%name%`, in turn; each name as what it stands for. */
const piecesOf = <T>(
  text: string,
  { placeholders, usedPlaceholders }: CompileContext,
  plain: (text: string) => T[],
  stands: (value: string) => T[],
): T[][][] => {
  const pieces: T[][][] = []
  let at = 0
  for (const match of text.matchAll(/(?<!\\)%([^%]+)%/g)) {
    const name = match[1]!
    const values = Object.hasOwn(placeholders, name) ? placeholders[name]! : undefined
    if (!values?.length) throw new RuleError(`placeholder %${name}% is ${values ? 'empty' : 'not defined'}`)
    usedPlaceholders.add(name)
    pieces.push([plain(text.slice(at, match.index))], values.map(stands))
    at = match.index + match[0].length
  }
  return [...pieces, [plain(text.slice(at))]]
}

const inText = (value: TextValue, context: CompileContext): Value[] => {
  const pieces = value.parts.flatMap((part): Part[][][] =>
    typeof part === 'string'
      ? piecesOf<Part>(part, context, (text) => [text.replaceAll('\\%', '%')], parseText)
      : [[[part]]],
  )
  return combined(pieces).map((parts) => ({ ...value, parts: joinParts(parts) }))
}

/** A value says in a pattern what it says elsewhere: its letters stand for themselves, its wildcards for any. */
const asPattern = (value: string): string => {
  const parts = parseText(value).map((part) => {
    if (part === ANY) return '[\\s\\S]*'
    return part === ONE ? '[\\s\\S]' : String(part).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  })
  return `(?:${parts.join('')})`
}

const inPattern = (value: RegexValue, context: CompileContext): Value[] =>
  combined(piecesOf<string>(value.pattern, context, (text) => [text], (one) => [asPattern(one)])).map((row) => ({ ...value, pattern: row.join('') })) // prettier-ignore

/** `%name%` is replaced by the values configured for it, wildcards included. A name without values refuses the rule. */
export const expand: Modifier = {
  names: ['expand'],
  apply(item, name, context) {
    const encoder = item.applied.find((other) => encoders.includes(other))
    if (encoder) throw new RuleError(`write \`expand|${encoder}\`, in this order`)
    replaceValues(item, (value) =>
      value.kind === 'regex' ? inPattern(value, context) : inText(needText(value, name), context),
    )
  },
}
