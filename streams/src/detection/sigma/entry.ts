import { parseHead, type RuleHead } from './head.js'
import type { RuleDocument } from './nodes.js'
import { RuleError } from './rule-error.js'

/** A document on its way to becoming a rule. */
export interface Entry {
  document: RuleDocument
  kind: 'detection' | 'correlation' | 'filter'
  head: RuleHead
  /** what correlations, alerts and people call it */
  name: string
}

const baseName = (file: string): string => file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/i, '')

/** The names that a document answers to, even when the rest of it is unusable. */
export const namesOf = ({ content }: RuleDocument): string[] =>
  [content.name, content.id].filter((name) => typeof name === 'string' && name !== '') as string[]

export const readEntry = (document: RuleDocument): Entry => {
  const head = parseHead(document)
  const kinds = (['detection', 'correlation', 'filter'] as const).filter((kind) => kind in document.content)
  const [kind] = kinds
  if (!kind || kinds.length > 1)
    throw new RuleError(
      {
        en: 'a document has one of `detection`, `correlation` or `filter`',
        zh: '一个文档须有且只有 `detection`、`correlation`、`filter` 之一',
      },
      document.line(kinds.slice(1)),
    )
  const unnamed = document.index ? `${baseName(document.file)}#${document.index + 1}` : baseName(document.file)
  return { document, kind, head, name: head.name ?? head.id ?? unnamed }
}

/** Finds entries by name or id. The first to take a name keeps it. */
export class RuleBook<T extends Entry> {
  private readonly byName = new Map<string, T>()

  /** Adds it, or says who has its name already. */
  add(entry: T): void {
    const { head, name, document } = entry
    const keys = new Set([name, ...(head.id ? [head.id.toLowerCase()] : [])])
    for (const key of keys) {
      const other = this.find(key)
      if (!other) continue
      const line = document.line([head.name === key ? 'name' : 'id'])
      throw new RuleError(
        {
          en: `\`${key}\` is the name of another rule already, in ${other.document.file}`,
          zh: `\`${key}\` 已是另一条规则的名称，见 ${other.document.file}`,
        },
        line,
      )
    }
    for (const key of keys) this.byName.set(key, entry)
  }

  find(reference: string): T | undefined {
    return this.byName.get(reference) ?? this.byName.get(reference.toLowerCase())
  }
}
