import { foldCase } from './fold.js'
import { ANY, joinParts, ONE, type Part } from './text.js'

export type TextTest = (text: string) => boolean

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** A piece between two `*`. Finds where it ends when it stands at or after `from`; -1 if nowhere. */
type Piece = (text: string, from: number) => number

const piece = (parts: Part[], anchor: 'start' | 'end' | 'none'): Piece => {
  const only = parts.length === 1 ? parts[0] : undefined
  if (typeof only === 'string') {
    if (anchor === 'start') return (text) => (text.startsWith(only) ? only.length : -1)
    if (anchor === 'end')
      return (text, from) => (text.length - from >= only.length && text.endsWith(only) ? text.length : -1)
    return (text, from) => {
      const at = text.indexOf(only, from)
      return at < 0 ? -1 : at + only.length
    }
  }
  const source = parts.map((part) => (part === ONE ? '.' : escapeRegExp(String(part)))).join('')
  const pattern = new RegExp(anchor === 'end' ? `${source}$` : source, anchor === 'start' ? 'suy' : 'sug')
  return (text, from) => {
    pattern.lastIndex = from
    return pattern.test(text) ? pattern.lastIndex : -1
  }
}

/** Wildcards without backtracking: each piece is taken at its first place, which is enough, and the time stays linear. */
const glob = (parts: Part[]): TextTest => {
  const between: Part[][] = [[]]
  for (const part of parts) {
    if (part === ANY) between.push([])
    else between.at(-1)!.push(part)
  }
  if (between.length === 1) {
    const whole = piece(between[0]!, 'start')
    return (text) => whole(text, 0) === text.length
  }
  const first = between.shift()!
  const last = between.pop()!
  const pieces = [
    ...(first.length ? [piece(first, 'start')] : []),
    ...between.map((parts) => piece(parts, 'none')),
    ...(last.length ? [piece(last, 'end')] : []),
  ]
  return (text) => {
    let at = 0
    for (const find of pieces) if ((at = find(text, at)) < 0) return false
    return true
  }
}

const printable = /^[\x20-\x7e]*$/

/** One text as a test of already folded text. `undefined` for texts without wildcards: those go into a set. */
const wildcardTest = (parts: Part[]): TextTest | undefined => {
  const [a, b, c] = parts
  if (!parts.some((part) => typeof part !== 'string')) return undefined
  if (parts.length === 1 && a === ANY) return () => true
  if (parts.length === 2 && typeof a === 'string' && b === ANY) return (text) => text.startsWith(a)
  if (parts.length === 2 && a === ANY && typeof b === 'string') return (text) => text.endsWith(b)
  if (parts.length === 3 && a === ANY && typeof b === 'string' && c === ANY) return (text) => text.includes(b)
  return glob(parts)
}

/** Whether a text equals any of these. The text is lower-cased at most once, however many there are. */
export const matchAnyText = (texts: readonly Part[][], cased: boolean): TextTest => {
  const fold = (text: string) => (cased ? text : foldCase(text))
  const folded = texts.map((parts) => joinParts(parts.map((part) => (typeof part === 'string' ? fold(part) : part))))
  const patterns = folded.map(wildcardTest).filter((test) => test !== undefined)
  const whole = folded.filter((parts) => !wildcardTest(parts)).map((parts) => parts.join(''))
  const only = whole[0] ?? ''
  // Lower-casing keeps the length wherever the result is plain ASCII, so most texts are ruled out by their length alone.
  if (!patterns.length && whole.length === 1 && printable.test(only))
    return (text) => text.length === only.length && (text === only || fold(text) === only)
  const exact = new Set(whole)
  if (!patterns.length) return (text) => exact.has(text) || exact.has(fold(text))
  return (text) => {
    const same = fold(text)
    if (exact.has(same)) return true
    for (const test of patterns) if (test(same)) return true
    return false
  }
}
