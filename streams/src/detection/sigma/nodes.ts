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

/** Reads a file. A syntax error anywhere refuses all of it: half a file could say something else than the whole. */
export const readDocuments = (file: string, yaml: string): RuleDocument[] => {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(yaml, { lineCounter: lines, merge: true, prettyErrors: false })
  const documents: Document.Parsed<ParsedNode>[] = Array.isArray(parsed) ? parsed : []
  for (const document of documents) {
    const [error] = document.errors
    if (error) throw new RuleError(`not valid YAML: ${error.message}`, lines.linePos(error.pos[0]).line)
  }
  const filled = documents.filter(
    ({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null),
  )
  if (!filled.length) throw new RuleError('there is no rule in this file')
  return filled.map((document, index) => ruleDocument(file, index, document, lines))
}

const ruleDocument = (
  file: string,
  index: number,
  document: Document.Parsed<ParsedNode>,
  lines: LineCounter,
): RuleDocument => {
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
  if (!isMap(root)) throw new RuleError('a rule is a map of keys', lineOf(root))
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
