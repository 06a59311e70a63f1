import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
} from 'yaml'
import { RuleError } from './rule-error.js'
import type { Said } from './said.js'
import { wrongYaml } from './wrong-yaml.js'

/** One YAML document of a rule file, with the line of everything in it. */
export interface RuleDocument {
  file: string
  /** which document of the file: 0, 1, … */
  index: number
  /** plain content, anchors resolved */
  content: Record<string, unknown>
  /** the node at a path, for walking with positions */
  node(path: readonly PropertyKey[]): Node | undefined
  line(path: readonly PropertyKey[]): number | undefined
  lineOf(node: unknown): number | undefined
  entries(node: Node): { key: string; keyNode: Node; value: Node | undefined }[]
  /** what an alias stands for; anything else is itself */
  resolve(node: unknown): Node | undefined
}

/** A file taken apart: its documents, and why some of them are none. */
export interface ReadFile {
  documents: RuleDocument[]
  errors: RuleError[]
}

/** Reads a file, as far as it goes: what is wrong with one document hides nothing of the next. */
export const readDocuments = (file: string, yaml: string): ReadFile => {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(yaml, { lineCounter: lines, merge: true, prettyErrors: false })
  const documents: Document.Parsed<ParsedNode>[] = Array.isArray(parsed) ? parsed : []
  const filled = documents.filter(
    ({ contents, errors }) => errors.length || (contents !== null && !(isScalar(contents) && contents.value === null)),
  )
  if (!filled.length) throw new RuleError({ en: 'there is no rule in this file', zh: '此文件中没有规则' })
  const found: ReadFile = { documents: [], errors: [] }
  for (const [index, document] of filled.entries())
    try {
      found.documents.push(ruleDocument(file, index, document, lines))
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      found.errors.push(error)
    }
  return found
}

/** Of a file that is one document. */
export const readDocument = (file: string, yaml: string, only: Said): RuleDocument => {
  const {
    documents: [document, more],
    errors: [error],
  } = readDocuments(file, yaml)
  if (error) throw error
  if (!document || more) throw new RuleError(only, more?.line([]))
  return document
}

const ruleDocument = (
  file: string,
  index: number,
  document: Document.Parsed<ParsedNode>,
  lines: LineCounter,
): RuleDocument => {
  const [error] = document.errors
  if (error) {
    const { code, message, pos } = error
    throw new RuleError({ en: `not valid YAML: ${message}`, zh: `不是有效的 YAML：${wrongYaml[code]}` }, lines.linePos(pos[0]).line) // prettier-ignore
  }
  const lineOf = (node: unknown) => {
    const range = (node as Node | undefined)?.range
    return range ? lines.linePos(range[0]).line : undefined
  }
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : (node as Node | null)) ?? undefined
  const entries: RuleDocument['entries'] = (node) => {
    const pairs = (isMap(node) ? node.items : []).map(({ key, value }) => {
      const keyNode = key as Scalar
      return { key: keyNode.source ?? String(keyNode.value), keyNode, value: resolve(value) }
    })
    const isMerge = ({ key, keyNode }: (typeof pairs)[number]) => key === '<<' && keyNode.type === 'PLAIN'
    const own = pairs.filter((pair) => !isMerge(pair))
    const keys = new Set(own.map(({ key }) => key))
    const merged = pairs
      .filter(isMerge)
      .flatMap(({ value }) => (isSeq(value) ? value.items.map(resolve) : [value]))
      .flatMap((from) => (from ? entries(from) : []))
      .filter(({ key }) => !keys.has(key) && keys.add(key))
    return [...own, ...merged]
  }
  const root: Node | null = document.contents
  if (!isMap(root)) throw new RuleError({ en: 'a rule is a map of keys', zh: '规则须为键值映射' }, lineOf(root))
  const node = (path: readonly PropertyKey[]) => {
    let at: Node | undefined = root
    for (const key of path) {
      if (isSeq(at)) at = resolve(at.items[Number(key)])
      else at = at && entries(at).findLast((entry) => entry.key === String(key))?.value
    }
    return at
  }
  return {
    file,
    index,
    content: document.toJS({ maxAliasCount: 1000 }) as Record<string, unknown>,
    node,
    line(path) {
      for (let length = path.length; length >= 0; length--) {
        const line = lineOf(node(path.slice(0, length)))
        if (line !== undefined) return line
      }
      return undefined
    },
    lineOf,
    entries,
    resolve,
  }
}
