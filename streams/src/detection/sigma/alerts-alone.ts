import { referencesOf } from './correlation.js'
import { type Entry, namesOf } from './entry.js'
import type { RuleDocument } from './nodes.js'

/**
 * Whether a rule alerts by itself. One that a correlation counts does not, unless the correlation says `generate: true`; a
 * correlation that is broken counts here too, or its base rule would alert on everything it was only meant to count.
 */
export const alertsAlone = (documents: readonly RuleDocument[]) => {
  const references = documents.map(referencesOf)
  const namesIn = (chosen: typeof references) =>
    new Set(chosen.flatMap(({ rules }) => rules).map((name) => name.toLowerCase()))
  const counted = namesIn(references)
  const generated = namesIn(references.filter(({ generate }) => generate))
  return ({ name, document }: Entry): boolean => {
    const names = [name, ...namesOf(document)].map((one) => one.toLowerCase())
    return !names.some((one) => counted.has(one)) || names.some((one) => generated.has(one))
  }
}
