import { parseHead, type RuleHead } from './head.js'
import { didYouMean } from './known-events.js'
import { isUuid } from './metadata.js'
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

/** Names are compared exactly, as pySigma does it; a UUID is the same however its letters are written. */
const keyOf = (name: string): string => (isUuid(name) ? name.toLowerCase() : name)

/** Finds entries by name or id. The first to take a name keeps it. */
export class RuleBook<T extends Entry> {
  private readonly byName = new Map<string, T>()

  /** Adds it, or says who has its name already. */
  add(entry: T): void {
    const { head, name, document } = entry
    const names = [name, ...(head.id ? [head.id] : [])]
    for (const one of names) {
      const other = this.find(one)
      if (!other) continue
      const line = document.line([head.name === one ? 'name' : 'id'])
      throw new RuleError(
        {
          en: `\`${one}\` is the name of another rule already, in ${other.document.file}`,
          zh: `\`${one}\` 已是另一条规则的名称，见 ${other.document.file}`,
        },
        line,
      )
    }
    for (const one of names) this.byName.set(keyOf(one), entry)
  }

  find(reference: string): T | undefined {
    return this.byName.get(keyOf(reference))
  }

  /** Why a reference leads nowhere, with the name that was probably meant. */
  missing(reference: string, line: number | undefined): RuleError {
    const meant = didYouMean(reference, [...this.byName.keys()])
    const [en, zh] = [`no rule is called \`${reference}\`${meant.en}`, `没有名为 \`${reference}\` 的规则${meant.zh}`]
    return new RuleError({ en, zh }, line)
  }
}
