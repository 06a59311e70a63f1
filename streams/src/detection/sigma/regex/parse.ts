import { type CharSet, complement, digits, everything, range, spaces, union, wordChars } from './char-set.js'
import { ignoringCase } from './ignoring-case.js'
import { patternError } from './pattern-error.js'

/** A pattern as a tree. `js` is what the node is called in JavaScript's dialect (flag `u`). */
export type Node =
  | { kind: 'set'; set: CharSet; js: string }
  | { kind: 'sequence'; items: Node[] }
  | { kind: 'choice'; items: Node[] }
  | { kind: 'group'; open: string; body: Node }
  /** takes no characters: anchors, and lookarounds with what they look for */
  | { kind: 'assertion'; js: string; body?: Node }
  | { kind: 'repeat'; body: Node; min: number; max: number; lazy: boolean }

const escapeLiteral = (char: string): string => (/[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char)
const classes: Record<string, CharSet> = { d: digits, w: wordChars, s: spaces, h: union(range(' '), range('\t')) }
const posix: Record<string, string> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  xdigit: '0-9a-fA-F',
  word: '\\w',
  punct: '!-\\/:-@\\[-`\\{-~',
}
const controls: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  v: '\v',
  e: '\u001b',
  a: '\u0007',
  0: '\0',
}
const groupOpenings = /^\((\?:|\?=|\?!|\?<=|\?<!|\?P?<[A-Za-z_]\w*>)?/

/** How deep groups may stand in each other. */
const DEEPEST = 100

/** Reads a pattern of the PCRE subset that rules are written in. What JavaScript cannot do the same way is refused. */
export class PatternParser {
  private at = 0
  private depth = 0
  private readonly chars: string[]

  constructor(
    pattern: string,
    private readonly flags: string,
  ) {
    this.chars = [...pattern]
  }

  parse(): Node {
    const node = this.choice()
    if (this.at < this.chars.length) throw patternError('a `)` too many', '多出一个 `)`')
    return node
  }

  private peek(text: string): boolean {
    return this.chars.slice(this.at, this.at + text.length).join('') === text
  }

  private take(text: string): boolean {
    const found = this.peek(text)
    if (found) this.at += text.length
    return found
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(this.chars.slice(this.at, this.at + 80).join(''))
    if (found) this.at += [...found[0]].length
    return found
  }

  private choice(): Node {
    const items = [this.sequence()]
    while (this.take('|')) items.push(this.sequence())
    return items.length === 1 ? items[0]! : { kind: 'choice', items }
  }

  private sequence(): Node {
    const items: Node[] = []
    while (this.at < this.chars.length && !this.peek('|') && !this.peek(')')) items.push(this.quantified(this.atom()))
    return { kind: 'sequence', items }
  }

  private quantified(body: Node): Node {
    const found = this.match(/^(?:([*+?])|\{(\d{1,4})(,(\d{0,4}))?\})([?+]?)/)
    if (!found) return body
    if (body.kind === 'assertion') throw patternError('nothing to repeat', '没有可重复的内容')
    const [, sign, low, comma, high, mode] = found
    if (mode === '+') throw patternError('possessive quantifiers are not supported', '不支持占有量词')
    const min = sign ? (sign === '+' ? 1 : 0) : Number(low)
    const max = sign ? (sign === '?' ? 1 : Infinity) : comma ? (high ? Number(high) : Infinity) : min
    if (max < min) throw patternError('the numbers of a quantifier are out of order', '量词的数字次序颠倒')
    return { kind: 'repeat', body, min, max, lazy: mode === '?' }
  }

  private atom(): Node {
    if (this.peek('(')) return this.group()
    if (this.take('[')) return this.bracket()
    if (this.take('^')) return { kind: 'assertion', js: '^' }
    // PCRE's $ also stands before a newline at the very end
    if (this.take('$')) return { kind: 'assertion', js: this.flags.includes('m') ? '$' : '(?=\\n?(?![^]))' }
    if (this.take('.')) {
      const dotAll = this.flags.includes('s')
      return { kind: 'set', set: dotAll ? everything : complement(range('\n')), js: dotAll ? '[^]' : '[^\\n]' }
    }
    if (this.take('\\')) return this.escape()
    const char = this.chars[this.at++]!
    if ('*+?'.includes(char)) throw patternError('nothing to repeat', '没有可重复的内容')
    return this.literal(char)
  }

  private inItsCases(set: CharSet): CharSet {
    return this.flags.includes('i') ? ignoringCase(set) : set
  }

  private literal(char: string): Node {
    return { kind: 'set', set: this.inItsCases(range(char)), js: escapeLiteral(char) }
  }

  private group(): Node {
    const [opening = '', type] = this.match(groupOpenings) ?? []
    if (!type && (this.peek('?') || this.peek('*')))
      throw patternError('this kind of group is not supported', '不支持这种分组')
    if (++this.depth > DEEPEST) throw patternError('groups stand too deep', '分组嵌套过深')
    const body = this.choice()
    this.depth--
    if (!this.take(')')) throw patternError('a `)` is missing', '缺少 `)`')
    if (type && /^\?<?[=!]$/.test(type)) return { kind: 'assertion', js: opening, body }
    return { kind: 'group', open: '(?:', body }
  }

  private escape(): Node {
    const char = this.chars[this.at++]
    if (char === undefined) throw patternError('a `\\` at the end', '末尾有多余的 `\\`')
    if (char === 'b' || char === 'B') return { kind: 'assertion', js: `\\${char}` }
    if (char === 'A') return { kind: 'assertion', js: '(?<![^])' }
    if (char === 'Z') return { kind: 'assertion', js: '(?=\\n?(?![^]))' }
    if (char === 'z') return { kind: 'assertion', js: '(?![^])' }
    const node = this.escapedSet(char)
    return Object.hasOwn(classes, char.toLowerCase()) ? node : { ...node, set: this.inItsCases(node.set) }
  }

  /** A class in its cases, or one character as it is written: it may be the end of a range. */
  private escapedSet(char: string): Node & { kind: 'set' } {
    const name = char.toLowerCase()
    if (Object.hasOwn(classes, name)) {
      const set = this.inItsCases(classes[name]!)
      const js = char === 'h' ? '[ \\t]' : char === 'H' ? '[^ \\t]' : `\\${char}`
      return { kind: 'set', set: char === name ? set : complement(set), js }
    }
    const hex =
      char === 'x' || char === 'u' ? this.match(/^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}|[0-9a-fA-F]{2}))/) : null
    if (hex && char === 'x' && hex[2]?.length === 4) this.at -= 2
    const digitsOfHex = hex && (hex[1] ?? (char === 'x' ? hex[2]!.slice(0, 2) : hex[2]!))
    const value = digitsOfHex ? parseInt(digitsOfHex, 16) : undefined
    if (value !== undefined && value <= 0x10ffff) return this.character(String.fromCodePoint(value))
    const control = controls[char]
    if (control) return this.character(control)
    if (/[A-Za-z0-9]/.test(char)) throw patternError(`\`\\${char}\` is not supported`, `不支持 \`\\${char}\``)
    return this.character(char)
  }

  private character(char: string): Node & { kind: 'set' } {
    const js = /[\p{L}\p{N}]/u.test(char) ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`
    return { kind: 'set', set: range(char), js }
  }

  private bracket(): Node {
    const negated = this.take('^')
    const sets: CharSet[] = []
    let js = ''
    for (let first = true; first || !this.peek(']'); first = false) {
      if (this.at >= this.chars.length) throw patternError('a `]` is missing', '缺少 `]`')
      const named = this.match(/^\[:(\w+):\]/)
      if (named) {
        const members = posix[named[1]!]
        if (!members) throw patternError(`\`${named[0]}\` is not supported`, `不支持 \`${named[0]}\``)
        const inner = new PatternParser(`[${members}]`, this.flags).parse()
        if (inner.kind === 'sequence' && inner.items[0]?.kind === 'set') sets.push(inner.items[0].set)
        js += members
        continue
      }
      const from = this.member()
      if (from.single && this.peek('-') && this.chars[this.at + 1] !== ']' && this.at + 1 < this.chars.length) {
        this.at++
        const to = this.member()
        if (!to.single || to.set[0]![0] < from.set[0]![0]) throw patternError('a range is out of order', '区间次序颠倒')
        sets.push([[from.set[0]![0], to.set[0]![0]]])
        js += `${from.js}-${to.js}`
      } else {
        sets.push(from.set)
        js += from.js
      }
    }
    this.at++
    const set = this.inItsCases(union(...sets))
    return { kind: 'set', set: negated ? complement(set) : set, js: `[${negated ? '^' : ''}${js}]` }
  }

  /** One member of a `[…]`. Written as a code point, so that nothing in it can mean something else in JavaScript. */
  private member(): { set: CharSet; js: string; single: boolean } {
    const escaped = this.take('\\')
    const char = this.chars[this.at++]
    if (char === undefined) throw patternError('a `]` is missing', '缺少 `]`')
    if (escaped && char === 'b') return { set: range('\b'), js: '\\b', single: true }
    if (!escaped) return { set: range(char), js: `\\u{${char.codePointAt(0)!.toString(16)}}`, single: true }
    const node = this.escapedSet(char)
    return {
      set: node.set,
      js: node.js.replace(/^\[(.*)\]$/, '$1'),
      single: !Object.hasOwn(classes, char.toLowerCase()),
    }
  }
}
