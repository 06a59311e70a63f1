import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml'
import { RuleError } from './rule-error.js'

/** Values that aliases may add to a document, and how deep one may stand: enough for any rule, too little to keep us busy. */
const MOST = 100_000
const DEEPEST = 100

/** Where a value says by its tag what it is: what JSON has, and nothing else. */
const OWN = 'tag:yaml.org,2002:'
const tags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `${OWN}${tag}`))

interface Extent {
  values: number
  depth: number
}

const combined = (a: Extent, b: Extent): Extent => ({ values: a.values + b.values, depth: Math.max(a.depth, b.depth) })

export interface Aliases {
  /** what each alias stands for */
  of: ReadonlyMap<Node, Node>
  /** anchors that no alias names */
  unused: readonly Node[]
}

/** `<<`, which takes over the keys of other maps. */
export const isMergeKey = (key: unknown): boolean => isScalar(key) && key.source === '<<' && key.type === 'PLAIN'

/**
 * Finds what each alias stands for, and refuses what cannot be walked to its end, or stands for nothing: aliases of nobody and
 * of themselves, merges of what is no map, tags of other languages, and little texts that say endlessly much.
 */
export const resolveAliases = (root: Node, lineOf: (node: unknown) => number | undefined): Aliases => {
  const aliases = new Map<Node, Node>()
  const anchors = new Map<string, Node>()
  const known = new Map<Node, Extent>()
  const open = new Set<Node>()
  const unused = new Set<Node>()
  let added = 0
  const refuse = (node: unknown, en: string, zh: string): never => {
    throw new RuleError({ en, zh }, lineOf(node))
  }

  const ofAlias = (alias: Node & { source: string }): Extent => {
    const { source } = alias
    const target = anchors.get(source)
    if (!target)
      return refuse(
        alias,
        `\`*${source}\` is an alias for which there is no anchor: a value that begins with \`*\` stands in quotes`,
        `\`*${source}\` 是没有对应锚点的别名：以 \`*\` 开头的值须加引号`,
      )
    if (open.has(target))
      refuse(alias, `\`*${source}\` stands inside what it stands for`, `\`*${source}\` 位于它自己所代表的内容之中`)
    aliases.set(alias, target)
    unused.delete(target)
    const extent = known.get(target)!
    added += extent.values
    if (added > MOST)
      refuse(
        alias,
        `aliases make more than ${MOST.toLocaleString('en')} values of this: write out what is meant`,
        `别名在此展开后超过 ${MOST.toLocaleString('en')} 个值：请直接写出`,
      )
    return extent
  }

  const meant = (node: unknown): unknown => (isAlias(node) ? aliases.get(node) : node)

  const ofPair = ({ key, value }: Pair, depth: number): Extent => {
    const name = key as Node
    const own = extentOf(name, depth)
    const text = meant(name)
    if (!isScalar(text)) refuse(name, 'a key is a text', '键须为文本')
    else if (text.value === null && !text.source) refuse(value ?? name, 'a key is missing before `:`', '`:` 之前缺少键')
    // to JavaScript it is no key of a map, and what is read of the map would lack it
    else if (text.source === '__proto__') refuse(name, '`__proto__` cannot be a key', '`__proto__` 不能作为键')
    const inside = extentOf(value as Node | null, depth)
    if (isMergeKey(name)) needMaps(value, name)
    return combined(own, inside)
  }

  const needMaps = (value: unknown, key: Node): void => {
    const from = meant(value)
    const maps = isSeq(from) ? from.items.map(meant) : [from]
    if (!maps.every(isMap)) refuse(key, '`<<` takes a map, or a list of maps', '`<<` 须为映射或映射的列表')
  }

  const extentOf = (node: Node | null, depth: number): Extent => {
    if (!node) return { values: 1, depth: 0 }
    if (depth > DEEPEST) refuseDepth(node)
    if (isAlias(node)) {
      const extent = ofAlias(node)
      if (depth + extent.depth > DEEPEST) refuseDepth(node)
      return extent
    }
    if (node.tag !== undefined && !tags.has(node.tag)) refuseTag(node, node.tag.replace(OWN, '!!'))
    if (node.anchor !== undefined) {
      anchors.set(node.anchor, node)
      unused.add(node)
    }
    open.add(node)
    const inner = isCollection(node)
      ? node.items.map((item) => (isPair(item) ? ofPair(item, depth + 1) : extentOf(item as Node | null, depth + 1)))
      : []
    open.delete(node)
    const { values, depth: below } = inner.reduce(combined, { values: 0, depth: -1 })
    const extent = { values: values + 1, depth: below + 1 }
    known.set(node, extent)
    return extent
  }

  const refuseTag = (node: Node, tag: string): never =>
    refuse(
      node,
      `\`${tag}\` is no tag known here: a value that begins with \`!\` stands in quotes`,
      `\`${tag}\` 不是这里认识的标签：以 \`!\` 开头的值须加引号`,
    )

  const refuseDepth = (node: Node): never =>
    refuse(node, `values stand too deep in each other: more than ${DEEPEST} levels`, `嵌套过深：超过 ${DEEPEST} 层`)

  extentOf(root, 0)
  return { of: aliases, unused: [...unused] }
}
