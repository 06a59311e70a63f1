import { RuleError } from '../rule-error.js'
import { joinParts, type Part } from '../text.js'
import { type Modifier, needText, replaceValues } from './modifier.js'

const dashes = ['-', '/', '–', '—', '―']
const FLAGS = 5
/** A dash that begins a flag: nothing of a word before it, a word after it. The one inside `in-place` stays. */
const flagDash = /(?<![\p{L}\p{N}_])[-/–—―](?=[\p{L}\p{N}_])/u

/** Flags of a command line may begin with any of `- / – — ―`: every permutation is an alternative. */
export const windash: Modifier = {
  names: ['windash'],
  apply(item, name) {
    replaceValues(item, (value) => {
      const text = needText(value, name)
      let results: Part[][] = [[]]
      const append = (alternatives: Part[]) => {
        // before they are built: eleven flags would be 48 million
        if (results.length * alternatives.length > dashes.length ** FLAGS)
          throw new RuleError({
            en: '`windash` with more than five flags has too many permutations',
            zh: '`windash` 的参数超过五个，组合过多',
          })
        results = results.flatMap((before) => alternatives.map((after): Part[] => [...before, after]))
      }
      for (const part of text.parts) {
        if (typeof part !== 'string') append([part])
        else
          part.split(flagDash).forEach((piece, index) => append(index ? dashes.map((dash) => dash + piece) : [piece]))
      }
      return results.map((parts) => ({ ...text, parts: joinParts(parts) }))
    })
  },
}
