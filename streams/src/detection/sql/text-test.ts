import { foldCase } from '../sigma/fold.js'
import { ANY, joinParts, ONE, type Part } from '../sigma/text.js'
import { foldFor } from './fold.js'
import { and, literal, literals, or } from './quote.js'

const escapeRe2 = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** Wildcards as RE2: it runs in linear time, and a dot is one character. */
const glob = (parts: readonly Part[]): string => {
  const source = parts.map((part) => (part === ANY ? '.*' : part === ONE ? '.' : escapeRe2(String(part))))
  return literal(`(?s)\\A${source.join('')}\\z`)
}

const wildcard = (parts: readonly Part[], sql: string): string => {
  const [a, b, c] = parts
  if (parts.length === 1 && a === ANY) return 'true'
  if (parts.length === 2 && typeof a === 'string' && b === ANY) return `startsWith(${sql}, ${literal(a)})`
  if (parts.length === 2 && a === ANY && typeof b === 'string') return `endsWith(${sql}, ${literal(b)})`
  if (parts.length === 3 && a === ANY && typeof b === 'string' && c === ANY)
    return `position(${sql}, ${literal(b)}) > 0`
  return `match(${sql}, ${glob(parts)})`
}

export interface Texts {
  /** without wildcards, folded unless case is told apart */
  plain: string[]
  patterns: Part[][]
  fold: (sql: string) => string
}

export const readTexts = (texts: readonly Part[][], cased: boolean): Texts => {
  const folded = texts.map((parts) =>
    joinParts(parts.map((part) => (typeof part === 'string' && !cased ? foldCase(part) : part))),
  )
  const isPlain = (parts: Part[]): boolean => parts.every((part) => typeof part === 'string')
  return {
    plain: [...new Set(folded.filter(isPlain).map((parts) => parts.join('')))],
    patterns: folded.filter((parts) => !isPlain(parts)),
    fold: cased ? (sql) => sql : foldFor(folded),
  }
}

/** Whether a text equals any of these; `lower` says that the column holds nothing but small ASCII letters. */
export const textTest = (texts: Texts, sql: string, lower = false): string => {
  const folded = lower ? sql : texts.fold(sql)
  const [only] = texts.plain
  return or([
    ...(texts.plain.length === 1 ? [`${folded} = ${literal(only ?? '')}`] : []),
    ...(texts.plain.length > 1 ? [`${folded} IN (${literals(texts.plain)})`] : []),
    ...texts.patterns.map((parts) => wildcard(parts, folded)),
  ])
}

/** The same of a number: a text without wildcards is the number that is spelled like that, if there is one. */
export const numberTextTest = (texts: Texts, sql: string, asText: string): string => {
  const numbers = texts.plain.filter((text) => Number.isFinite(Number(text)) && String(Number(text)) === text)
  return or([
    ...numbers.map((number) => `${sql} = ${number}`),
    ...(texts.patterns.length ? [and([textTest({ ...texts, plain: [] }, asText)])] : []),
  ])
}
