import { RuleError } from '../rule-error.js'
import { isExponential } from './ambiguity.js'
import { type Node, PatternParser } from './parse.js'

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

/** Compiles a pattern. One that a crafted text could keep busy for ever is refused, with its reason. */
export const compileRegex = (pattern: string, flags: string): RegExp => {
  const [inline = '', letters = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? []
  const all = [...new Set(flags + letters)].join('')
  const node = new PatternParser(pattern.slice(inline.length), all).parse()
  if ([node, ...lookedFor(node)].some(isExponential))
    throw new RuleError('regular expression: nested repetition that a crafted text could keep busy for ever')
  try {
    return new RegExp(print(node), `${all}u`)
  } catch (error) {
    throw new RuleError(`regular expression: ${error instanceof Error ? error.message : String(error)}`)
  }
}
