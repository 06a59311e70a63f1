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

/** What these take is the value itself, so a placeholder is replaced before; in a pattern after, where it is a piece of it. */
const takeValues = [...cidr.names, ...compare.names, ...timePart.names, ...fieldref.names]

/** A chain in the order in which it is applied: as written, but `expand` stands where it means something. */
export const inOrder = (names: readonly string[]): readonly string[] => {
  const at = names.indexOf('expand')
  if (at < 0) return names
  const others = names.filter((name) => name !== 'expand')
  const pattern = others.indexOf('re') + 1
  const taken = others.findIndex((name) => takeValues.includes(name))
  const place = pattern || (taken < 0 ? at : Math.min(at, taken))
  return others.toSpliced(place, 0, 'expand')
}

export const modifiers: ReadonlyMap<string, Modifier> = new Map(
  all21.flatMap((modifier) => modifier.names.map((name) => [name, modifier] as const)),
)
