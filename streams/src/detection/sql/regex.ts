import type { CharSet } from '../sigma/regex/char-set.js'
import { type Pattern, readPattern } from '../sigma/regex/compile-regex.js'
import type { Node } from '../sigma/regex/parse.js'
import { literal } from './quote.js'
import { Unsupported } from './unsupported.js'

/** RE2 counts no further. */
const MOST = 1000

/** Characters that have an upper or a lower case: only for them does ignoring case matter. */
let cased: string[] | undefined
const casedChars = (): string[] =>
  (cased ??= Array.from({ length: 0x1f000 }, (_, code) => String.fromCodePoint(code)).filter(
    (char) => char.toLowerCase() !== char || char.toUpperCase() !== char,
  ))

/** The pattern for ClickHouse's RE2, every set of characters written out. Where the two dialects part, it is not SQL. */
export const regexTest = (pattern: string, flags: string, sql: string): string =>
  `match(${sql}, ${literal(printPattern(readPattern(pattern, flags)))})`

const printPattern = (pattern: Pattern): string => {
  const ignoreCase = pattern.flags.includes('i')
  if (pattern.flags.includes('m') && hasLineAnchor(pattern.node))
    throw new Unsupported('`^` and `$` with `m` stand at other line ends than in ClickHouse')

  const setOf = (node: Node & { kind: 'set' }): CharSet => (ignoreCase && !pattern.linear ? withCase(node) : node.set)

  const print = (node: Node, atEnd: boolean, times: number): string => {
    switch (node.kind) {
      case 'set':
        return printSet(setOf(node))
      case 'sequence':
        return node.items.map((item, i) => print(item, atEnd && i === node.items.length - 1, times)).join('')
      case 'choice':
        return `(?:${node.items.map((item) => print(item, atEnd, times)).join('|')})`
      case 'group':
        return `(?:${print(node.body, atEnd, times)})`
      case 'assertion':
        return printAssertion(node, atEnd, ignoreCase)
      case 'repeat': {
        const count = times * Math.max(node.min, node.max === Infinity ? 1 : node.max, 1)
        if (count > MOST) throw new Unsupported(`a pattern repeats more than ${MOST} times`)
        const max = node.max === Infinity ? '' : node.max
        return `(?:${print(node.body, false, count)}){${node.min},${max}}`
      }
    }
  }
  return print(pattern.node, true, 1)
}

const printSet = (set: CharSet): string => {
  const point = (code: number): string => `\\x{${code.toString(16)}}`
  if (!set.length) return '[^\\x{0}-\\x{10ffff}]'
  return `[${set.map(([from, to]) => (from === to ? point(from) : `${point(from)}-${point(to)}`)).join('')}]`
}

/** What the engine's own matcher takes for the set when it ignores case, asked of it character by character. */
const withCase = (node: Node & { kind: 'set' }): CharSet => {
  const matches = new RegExp(`^${node.js}$`, 'iu')
  const holds = (code: number): boolean => node.set.some(([from, to]) => from <= code && code <= to)
  const changed = casedChars().flatMap((char) => {
    const code = char.codePointAt(0)!
    return matches.test(char) === holds(code) ? [] : [code]
  })
  let set = node.set
  for (const code of changed) set = toggle(set, code)
  return set
}

const toggle = (set: CharSet, code: number): CharSet => {
  const around = set.find(([from, to]) => from <= code && code <= to)
  if (!around) return [...set, [code, code] as const].sort((a, b) => a[0] - b[0])
  const rest = [[around[0], code - 1] as const, [code + 1, around[1]] as const].filter(([from, to]) => from <= to)
  return set.flatMap((range) => (range === around ? rest : [range]))
}

const printAssertion = ({ js, body }: Node & { kind: 'assertion' }, atEnd: boolean, ignoreCase: boolean): string => {
  if (body) throw new Unsupported('ClickHouse has no patterns that look around')
  if (js === '^' || js === '(?<![^])') return '\\A'
  if (js === '(?![^])') return '\\z'
  if ((js === '\\b' || js === '\\B') && !ignoreCase) return js
  if (js === '\\b' || js === '\\B') throw new Unsupported('a word boundary that ignores case is another in ClickHouse')
  // the end, or before a newline at the end: nothing may follow it in the pattern, so that the newline can be taken
  if (!atEnd) throw new Unsupported('`$` in the middle of a pattern is another in ClickHouse')
  return '\\n?\\z'
}

const hasLineAnchor = (node: Node): boolean => {
  if (node.kind === 'sequence' || node.kind === 'choice') return node.items.some(hasLineAnchor)
  if (node.kind === 'group' || node.kind === 'repeat') return hasLineAnchor(node.body)
  return node.kind === 'assertion' && (node.js === '^' || node.js === '$' || (!!node.body && hasLineAnchor(node.body)))
}
