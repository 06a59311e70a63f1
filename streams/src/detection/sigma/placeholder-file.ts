import { PLACEHOLDERS, type RuleFile } from '@custodia/contracts'
import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { readDocument, type RuleDocument } from './nodes.js'
import { RuleError } from './rule-error.js'

/** What `%name%` stands for in values with `expand`. */
export type Placeholders = Readonly<Record<string, readonly string[]>>

/** The one file among rule files that is no rule, in whatever folder. */
export const isPlaceholderFile = ({ file }: Pick<RuleFile, 'file'>): boolean =>
  file.replace(/^.*[\\/]/, '') === `${PLACEHOLDERS}.yml`

/** Reads a map of names to a value or a list of values. Numbers stay as they are written: an ID number has eighteen digits. */
export const readPlaceholderFile = ({ file, yaml }: RuleFile): Placeholders => {
  const document = readDocument(file, yaml, {
    en: 'is one map: names, and the values that they stand for',
    zh: '须为一个映射：名称及其代表的值',
  })
  if (!document) return {}
  const entries = document.entries(document.node([])!)
  return Object.fromEntries(
    entries.map(({ key, keyNode, value }) => [key, valuesOf(document, key, keyNode, value)] as const),
  )
}

const valuesOf = (document: RuleDocument, name: string, at: Node, value: Node | undefined): string[] => {
  const list = isSeq(value) ? value.items.map(document.resolve) : [value]
  if (!list.length)
    throw new RuleError(
      {
        en: `\`${name}\` stands for nothing: give it a value, or take it away`,
        zh: `\`${name}\` 没有代表任何值：请给它一个值，或删去`,
      },
      document.lineOf(at),
    )
  return list.map((node) => {
    if (isScalar(node) && node.value !== null)
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
    throw new RuleError(
      isMap(node) || isSeq(node)
        ? {
            en: `\`${name}\` stands for a value or a list of values, nothing deeper`,
            zh: `\`${name}\` 代表一个值或值的列表，不能再嵌套`,
          }
        : { en: `\`${name}\` has an empty value`, zh: `\`${name}\` 有一个空值` },
      document.lineOf(node ?? at),
    )
  })
}
