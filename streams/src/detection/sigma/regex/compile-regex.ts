import { isExponential } from './ambiguity.js'
import { linearSearch } from './linear.js'
import { type Node, PatternParser } from './parse.js'
import { patternError } from './pattern-error.js'

const print = (node: Node): string => {
  switch (node.kind) {
    case 'set':
      return node.js
    case 'sequence':
      return node.items.map(print).join('')
    case 'choice':
      return node.items.map(print).join('|')
    case 'group':
      return `${node.open}${print(node.body)})`
    case 'assertion':
      return node.body ? `${node.js}${print(node.body)})` : node.js
    case 'repeat': {
      const max = node.max === Infinity ? '' : node.max
      return `${print(node.body)}{${node.min},${max}}${node.lazy ? '?' : ''}`
    }
  }
}

const lookedFor = (node: Node): Node[] => {
  if (node.kind === 'sequence' || node.kind === 'choice') return node.items.flatMap(lookedFor)
  if (node.kind === 'group' || node.kind === 'repeat') return lookedFor(node.body)
  return node.kind === 'assertion' && node.body ? [node.body, ...lookedFor(node.body)] : []
}

/** A pattern as it was read; `linear`: a crafted text could keep a backtracking matcher busy for ever. */
export interface Pattern {
  node: Node
  flags: string
  linear: boolean
}

export const readPattern = (pattern: string, flags: string): Pattern => {
  const [inline = '', letters = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? []
  const all = [...new Set(flags + letters)].join('')
  const node = new PatternParser(pattern.slice(inline.length), all).parse()
  return { node, flags: all, linear: [node, ...lookedFor(node)].some(isExponential) }
}

/**
 * Compiles a pattern into a search. One that a crafted text could keep busy for ever goes to the linear matcher, which is
 * slower and knows less; if it cannot take the pattern either, the pattern is refused.
 */
export const compileRegex = (pattern: string, flags: string): ((text: string) => boolean) => {
  const { node, flags: all, linear } = readPattern(pattern, flags)
  if (linear) return linearSearch(node, all)
  try {
    const regex = new RegExp(print(node), `${all}u`)
    return (text) => regex.test(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw patternError(why, why)
  }
}
