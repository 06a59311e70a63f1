import { yamlLanguage } from '@codemirror/lang-yaml'

type SyntaxNode = ReturnType<typeof yamlLanguage.parser.parse>['topNode']

/** Where something stands in a text. */
interface Span {
  from: number
  to: number
}

const children = (node: SyntaxNode, name: string): SyntaxNode[] => node.getChildren(name)

/** What is written plainly or in quotes, without them. */
export const unquoted = (written: string): string => written.replace(/^(['"])(.*)\1$/, '$2')

/** The value of a key of this map, and the pair that it stands in. */
const pairOf = (text: string, map: SyntaxNode, key: string) => {
  const pair = children(map, 'Pair').find((each) => {
    const name = each.getChild('Key')
    return name && unquoted(text.slice(name.from, name.to)) === key
  })
  return pair && { pair, value: pair.lastChild?.name === ':' ? undefined : (pair.lastChild ?? undefined) }
}

const mapOf = (node: SyntaxNode | null | undefined): SyntaxNode | undefined =>
  node && /^(Block|Flow)Mapping$/.test(node.name) ? node : undefined

const firstMap = (text: string): SyntaxNode | undefined => {
  const document = yamlLanguage.parser.parse(text).topNode.getChild('Document')
  return mapOf(document?.getChild('BlockMapping'))
}

const find = (text: string, path: readonly string[]): Span | undefined => {
  let map = firstMap(text)
  for (const [index, key] of path.entries()) {
    const value = map && pairOf(text, map, key)?.value
    if (!value) return undefined
    if (index === path.length - 1) return { from: value.from, to: value.to }
    map = mapOf(value)
  }
  return undefined
}

/** What the first rule of a file says at a path, as it is written; undefined: nothing. */
export const readField = (text: string, path: readonly string[]): string | undefined => {
  const found = find(text, path)
  return found && text.slice(found.from, found.to)
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}
const indentOf = (text: string, at: number): string => ' '.repeat(at - (text.lastIndexOf('\n', at - 1) + 1))

const inBraces = (keys: readonly string[], value: string): string =>
  keys.reduceRight((inner, key) => `{ ${key}: ${inner} }`, value)

const withLine = (text: string, after: number, line: string): string =>
  `${text.slice(0, after)}\n${line}${text.slice(after)}`

/** Adds a value at the end of a map, in the map's own way of writing, below as many keys as it takes. */
const added = (text: string, map: SyntaxNode, [key = '', ...below]: readonly string[], value: string): string => {
  if (map.name === 'FlowMapping') {
    const brace = map.to - 1
    const empty = !children(map, 'Pair').length
    return `${text.slice(0, brace).trimEnd()}${empty ? ' ' : ', '}${key}: ${inBraces(below, value)} ${text.slice(brace)}`
  }
  const last = children(map, 'Pair').at(-1)
  const end = last ? lineEnd(text, Math.max(last.from, last.to - 1)) : map.to
  const indent = indentOf(text, children(map, 'Pair')[0]?.from ?? map.from)
  const lines = [key, ...below].map((name, depth) => `${indent}${'  '.repeat(depth)}${name}:`)
  return withLine(text, end, `${lines.join('\n')} ${value}`)
}

/**
 * The text with another value at a path, which may be a new one. Everything else stays as it is written, comments too; an
 * empty value takes the key away. A text that is no rule yet stays as it is.
 */
export const writeField = (text: string, path: readonly string[], value: string): string => {
  const found = find(text, path)
  if (found && value) return `${text.slice(0, found.from)}${value}${text.slice(found.to)}`
  const root = firstMap(text)
  if (!root) return text
  if (found) return withoutPair(text, path)
  if (!value) return text
  let map = root
  for (const [index, key] of path.entries()) {
    const pair = pairOf(text, map, key)
    const inner = mapOf(pair?.value)
    if (!pair) return added(text, map, path.slice(index), value)
    if (!inner) return text // something that is no map stands in the way
    map = inner
  }
  return text
}

const withoutPair = (text: string, path: readonly string[]): string => {
  let map = firstMap(text)
  for (const key of path.slice(0, -1)) map = map && mapOf(pairOf(text, map, key)?.value)
  const pair = map && pairOf(text, map, path.at(-1) ?? '')?.pair
  if (!map || !pair) return text
  if (map.name === 'BlockMapping') {
    const start = text.lastIndexOf('\n', pair.from - 1)
    const only = children(map, 'Pair').length === 1
    // a map that nothing is left in would be null: its key goes with it
    return only && path.length > 1
      ? withoutPair(text, path.slice(0, -1))
      : `${text.slice(0, Math.max(0, start))}${text.slice(lineEnd(text, pair.to - 1))}`
  }
  const before = text.slice(0, pair.from).replace(/,\s*$/, ' ')
  const after = text.slice(pair.to).replace(/^\s*,\s*/, before.trimEnd().endsWith('{') ? '' : ', ')
  return `${before.trimEnd()} ${after.trimStart()}`
}
