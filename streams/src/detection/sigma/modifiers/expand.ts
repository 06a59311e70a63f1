import { PLACEHOLDERS } from '@custodia/contracts'
import { RuleError } from '../rule-error.js'
import { ANY, joinParts, ONE, type Part, parseText } from '../text.js'
import type { RegexValue, TextValue, Value } from '../value.js'
import { type CompileContext, type Modifier, needText, replaceValues } from './modifier.js'

const MOST = 10_000

/** Alternatives for a row of pieces, each of which has some. */
const combined = <T>(pieces: readonly (readonly (readonly T[])[])[]): T[][] => {
  let rows: T[][] = [[]]
  for (const alternatives of pieces) {
    if (rows.length * alternatives.length > MOST)
      throw new RuleError({
        en: `placeholders expand to more than ${MOST.toLocaleString('en')} values`,
        zh: `占位符展开后超过 ${MOST.toLocaleString('en')} 个值`,
      })
    rows = rows.flatMap((before) => alternatives.map((after) => [...before, ...after]))
  }
  return rows
}

/**
 * What is written, with `%name%` in it: what is plain and what each name stands for, in turn. A character behind a backslash
 * (of those that `escaped` finds) begins no name, and an escaped backslash escapes nothing behind it: `\\\\%a%` is a backslash
 * and a name, `\\%a%` is a percent sign.
 */
const piecesOf = <T>(
  written: string,
  escaped: RegExp,
  { placeholders, usedPlaceholders }: CompileContext,
  plain: (written: string) => T[],
  stands: (value: string) => T[],
): T[][][] => {
  const pieces: T[][][] = []
  let at = 0
  for (const match of written.matchAll(new RegExp(`${escaped.source}|%([^%]+)%`, 'gs'))) {
    const [, name] = match
    if (name === undefined) continue
    const values = Object.hasOwn(placeholders, name) ? placeholders[name]! : undefined
    if (!values?.length)
      throw new RuleError(
        values
          ? { en: `placeholder %${name}% is empty`, zh: `占位符 %${name}% 为空` }
          : {
              en: `placeholder %${name}% is not defined: \`${PLACEHOLDERS}.yml\` says what they stand for`,
              zh: `占位符 %${name}% 未定义：\`${PLACEHOLDERS}.yml\` 说明其代表的值`,
            },
      )
    usedPlaceholders.add(name)
    pieces.push([plain(written.slice(at, match.index))], values.map(stands))
    at = match.index + match[0].length
  }
  return [...pieces, [plain(written.slice(at))]]
}

/** Of a text as it is written, before its escapes are read: behind them nobody could tell which backslash was one. */
const inText = (value: TextValue, context: CompileContext): Value[] => {
  const plain = (written: string): Part[] =>
    parseText(written.replace(/(\\[\\*?])|\\%/g, (_, other: string | undefined) => other ?? '%'))
  return combined(piecesOf<Part>(value.source, /\\[\\*?%]/, context, plain, parseText)).map((parts) => ({
    ...value,
    parts: joinParts(parts),
  }))
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
  combined(piecesOf<string>(value.pattern, /\\./, context, (text) => [text], (one) => [asPattern(one)])).map((row) => ({ ...value, pattern: row.join('') })) // prettier-ignore

/**
 * `%name%` is replaced by the values configured for it, wildcards included, as if they were written in its place: `all` wants
 * every one. A name without values refuses the rule.
 */
export const expand: Modifier = {
  names: ['expand'],
  apply(item, name, context) {
    replaceValues(item, (value) => {
      if (value.kind === 'number' || value.kind === 'boolean') return value
      return value.kind === 'regex' ? inPattern(value, context) : inText(needText(value, name), context)
    })
    item.groups = item.groups.flat().map((value) => [value])
  },
}
