import { RuleError } from '../rule-error.js'
import { joinParts, type Part, parseText } from '../text.js'
import { type CompileContext, type Modifier, needText, replaceValues } from './modifier.js'

/** Alternatives for one piece of plain text: `%name%` becomes each of its values, `\%` a percent sign. */
const expandPart = (part: string, context: CompileContext): Part[][] => {
  let results: Part[][] = [[]]
  let at = 0
  const append = (alternatives: Part[][]) =>
    (results = results.flatMap((before) => alternatives.map((after) => [...before, ...after])))
  for (const match of part.matchAll(/(?<!\\)%([^%]+)%/g)) {
    const name = match[1]!
    const values = Object.hasOwn(context.placeholders, name) ? context.placeholders[name]! : []
    if (!values.length) throw new RuleError(`placeholder %${name}% is not defined`)
    context.usedPlaceholders.add(name)
    append([[part.slice(at, match.index).replaceAll('\\%', '%')]])
    append(values.map(parseText))
    at = match.index + match[0].length
  }
  append([[part.slice(at).replaceAll('\\%', '%')]])
  return results
}

/** `%name%` is replaced by the values configured for it, wildcards included. A name without values refuses the rule. */
export const expand: Modifier = {
  names: ['expand'],
  apply(item, name, context) {
    replaceValues(item, (value) => {
      const text = needText(value, name)
      let results: Part[][] = [[]]
      for (const part of text.parts) {
        const alternatives: Part[][] = typeof part === 'string' ? expandPart(part, context) : [[part]]
        results = results.flatMap((before) => alternatives.map((after) => [...before, ...after]))
        if (results.length > 10_000) throw new RuleError('placeholders expand to more than 10,000 values')
      }
      return results.map((parts) => ({ ...text, parts: joinParts(parts) }))
    })
  },
}
