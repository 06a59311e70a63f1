import { referencesOf } from './correlation.js'
import type { Entry, RuleBook } from './entry.js'
import type { RuleDocument } from './nodes.js'

/**
 * Whether a rule alerts by itself. One that a correlation counts does not, unless the correlation says `generate: true`; a
 * correlation that is broken counts here too, or its base rule would alert on everything it was only meant to count.
 */
export const alertsAlone = (documents: readonly RuleDocument[], book: RuleBook<Entry>) => {
  const references = documents.map(referencesOf)
  const entriesIn = (chosen: typeof references) =>
    new Set(chosen.flatMap(({ rules }) => rules).map((name) => book.find(name)))
  const counted = entriesIn(references)
  const generated = entriesIn(references.filter(({ generate }) => generate))
  return (entry: Entry): boolean => !counted.has(entry) || generated.has(entry)
}
