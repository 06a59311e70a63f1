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
import { needReadable } from './characters.js'
import { RuleError } from './rule-error.js'
import type { Said } from './said.js'
import { isMergeKey, resolveAliases } from './tree.js'
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
  /** what has an anchor that no alias names */
  unused: readonly Node[]
}

/** A file taken apart: its documents, and why some of them are none. */
export interface ReadFile {
  documents: RuleDocument[]
  errors: RuleError[]
}

/** Reads a file, as far as it goes: what is wrong with one document hides nothing of the next. */
export const readDocuments = (file: string, yaml: string): ReadFile => {
  needReadable(yaml)
  const lines = new LineCounter()
  const parsed = parseAllDocuments(yaml, { lineCounter: lines, merge: true, prettyErrors: false })
  const documents: Document.Parsed<ParsedNode>[] = Array.isArray(parsed) ? parsed : []
  const filled = documents.filter(
    ({ contents, errors }) => errors.length || (contents !== null && !(isScalar(contents) && contents.value === null)),
  )
  const found: ReadFile = { documents: [], errors: [] }
  for (const [index, document] of filled.entries())
    try {
      needValid(document, yaml, lines)
      found.documents.push(ruleDocument(file, index, document, lines))
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      found.errors.push(error)
    }
  return found
}

/** Of a file that is one document, or says nothing. */
export const readDocument = (file: string, yaml: string, only: Said): RuleDocument | undefined => {
  const {
    documents: [document, more],
    errors: [error],
  } = readDocuments(file, yaml)
  if (error) throw error
  if (more) throw new RuleError(only, more.line([]))
  return document
}

const needValid = ({ errors, directives }: Document.Parsed, yaml: string, lines: LineCounter): void => {
  const [error] = errors
  if (error) {
    const { en, zh } = wrongYaml(error)
    throw new RuleError({ en: `not valid YAML: ${en}`, zh: `不是有效的 YAML：${zh}` }, lines.linePos(error.pos[0]).line)
  }
  if (directives.yaml.version !== '1.2') {
    const en = `values are read as YAML 1.2 has them: take away \`%YAML ${directives.yaml.version}\``
    const zh = `值按 YAML 1.2 读取：请删去 \`%YAML ${directives.yaml.version}\``
    throw new RuleError({ en, zh }, lines.linePos(yaml.search(/^%YAML/m)).line)
  }
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
  const root: Node | null = document.contents
  if (!isMap(root)) throw new RuleError({ en: 'this is to be a map of keys', zh: '此处须为键值映射' }, lineOf(root))
  const aliases = resolveAliases(root, lineOf)
  const resolve = (node: unknown) => (isAlias(node) ? aliases.of.get(node) : (node as Node | null)) ?? undefined
  const entries: RuleDocument['entries'] = (node) => {
    const pairs = (isMap(node) ? node.items : []).map(({ key, value }) => {
      const name = resolve(key) as Scalar
      return { key: name.source ?? String(name.value), keyNode: key as Node, value: resolve(value) }
    })
    const own = pairs.filter(({ keyNode }) => !isMergeKey(keyNode))
    const keys = new Set(own.map(({ key }) => key))
    const merged = pairs
      .filter(({ keyNode }) => isMergeKey(keyNode))
      .flatMap(({ value }) => (isSeq(value) ? value.items.map(resolve) : [value]))
      .flatMap((from) => (from ? entries(from) : []))
      .filter(({ key }) => !keys.has(key) && keys.add(key))
    return [...own, ...merged]
  }
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
    content: document.toJS({ maxAliasCount: -1 }) as Record<string, unknown>,
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
    unused: aliases.unused,
  }
}
