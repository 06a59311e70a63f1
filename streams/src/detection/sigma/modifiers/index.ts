import { RuleError } from '../rule-error.js'
import { affix } from './affix.js'
import { all } from './all.js'
import { base64, base64offset } from './base64.js'
import { cased } from './cased.js'
import { cidr } from './cidr.js'
import { compare } from './compare.js'
import { exists } from './exists.js'
import { expand } from './expand.js'
import { fieldref } from './fieldref.js'
import type { Modifier } from './modifier.js'
import { neq } from './neq.js'
import { re, reFlags } from './re.js'
import { timePart } from './time-part.js'
import { utf16 } from './utf16.js'
import { windash } from './windash.js'

/** Every modifier of Sigma 2.1. A new one is a file here and a word in this list. */
const all21: readonly Modifier[] = [
  affix,
  all,
  base64,
  base64offset,
  cased,
  cidr,
  compare,
  exists,
  expand,
  fieldref,
  neq,
  re,
  reFlags,
  timePart,
  utf16,
  windash,
]

/** What hides a placeholder from being found: its bytes are not `%name%` any more. */
const encoders = [...base64.names, ...base64offset.names, ...utf16.names]

/**
 * A chain in the order in which it is applied: as written, but `expand` reads what the rule's author wrote, and so comes first;
 * of a pattern it comes behind `re`, where a placeholder is a piece of it.
 */
export const inOrder = (names: readonly string[]): readonly string[] => {
  const at = names.indexOf('expand')
  if (at < 0) return names
  const encoder = names.slice(0, at).find((name) => encoders.includes(name))
  if (encoder)
    throw new RuleError({ en: `write \`expand|${encoder}\`, in this order`, zh: `请按此顺序写：\`expand|${encoder}\`` })
  const others = names.filter((name) => name !== 'expand')
  return others.toSpliced(others.indexOf('re') + 1, 0, 'expand')
}

export const modifiers: ReadonlyMap<string, Modifier> = new Map(
  all21.flatMap((modifier) => modifier.names.map((name) => [name, modifier] as const)),
)
