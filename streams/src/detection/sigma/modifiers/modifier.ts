import type { NeedField } from '../known-events.js'
import type { NeedValue } from '../known-values.js'
import type { Placeholders } from '../placeholder-file.js'
import { RuleError } from '../rule-error.js'
import type { Said } from '../said.js'
import { plainText } from '../text.js'
import { asNumber, asText, type TextValue, type Value } from '../value.js'

/** What the loader lends to modifiers. */
export interface CompileContext {
  /** `%name%` → what it stands for */
  placeholders: Placeholders
  /** names that the rule used; they are part of its version */
  usedPlaceholders: Set<string>
  /** refuses a name that the events of this log source do not have */
  needField: NeedField
  /** refuses a value that they never have */
  needValue: NeedValue
  /** tells what Sigma allows and nobody means */
  note(said: Said, line?: number): void
}

/** What the names that were used stand for, always in one order. */
export const usedIn = ({ placeholders, usedPlaceholders }: CompileContext) =>
  [...usedPlaceholders].sort().map((name) => [name, placeholders[name]])

/** One `field|modifier|modifier: values` while its modifiers are applied from left to right. */
export interface Item {
  /** undefined: keywords, looked for in the whole event */
  field: string | undefined
  /** one group per value written; a modifier may turn it into alternatives, of which one is enough */
  groups: Value[][]
  /** every group must match; by default one is enough */
  all: boolean
  /** the field must be there, and nothing of this may match */
  negated: boolean
  cased: boolean
  /** names of the modifiers before this one */
  applied: string[]
}

/** One modifier, or a family of them: `names` are how rules call it. */
export interface Modifier {
  names: readonly string[]
  apply(item: Item, name: string, context: CompileContext): void
}

/** Replaces each value by one or more. */
export const replaceValues = (item: Item, replace: (value: Value) => Value | Value[]): void => {
  item.groups = item.groups.map((group) => group.flatMap(replace))
}

/** The value as text, or the reason why this modifier cannot take it. */
export const needText = (value: Value, name: string): TextValue => {
  const text = asText(value)
  if (!text) throw new RuleError({ en: `\`${name}\` needs a text`, zh: `\`${name}\` 需要文本` })
  return text
}

/** The value as a number; a text may spell one. */
export const needNumber = (value: Value, name: string): number => {
  const plain = value.kind === 'text' ? plainText(value.parts) : undefined
  const number = value.kind === 'number' ? value.number : plain === undefined ? undefined : asNumber(plain)
  if (number === undefined) throw new RuleError({ en: `\`${name}\` needs a number`, zh: `\`${name}\` 需要数字` })
  return number
}

/** Modifiers that say what the value is come first: nothing may have changed it. */
export const needUnmodified = (item: Item, name: string): void => {
  const before = item.applied.find((other) => other !== 'all' && other !== 'neq' && other !== 'expand')
  if (before)
    throw new RuleError({
      en: `\`${name}\` cannot follow \`${before}\``,
      zh: `\`${name}\` 不能跟在 \`${before}\` 之后`,
    })
}
