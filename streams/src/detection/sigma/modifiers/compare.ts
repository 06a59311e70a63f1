import { RuleError } from '../rule-error.js'
import { asNumber, type CompareValue } from '../value.js'
import { type Modifier, replaceValues } from './modifier.js'

/** `lt lte gt gte`: numbers, and texts that are numbers. Anything else in the event is simply not a match. */
export const compare: Modifier = {
  names: ['lt', 'lte', 'gt', 'gte'] satisfies CompareValue['op'][],
  apply(item, name) {
    replaceValues(item, (value) => {
      const limit = value.kind === 'number' ? value.number : value.kind === 'text' ? asNumber(value.source) : undefined
      if (limit === undefined) throw new RuleError(`\`${name}\` needs a number`)
      const part = value.kind === 'number' ? value.part : undefined
      return { kind: 'compare', op: name as CompareValue['op'], limit, ...(part && { part }) }
    })
  },
}
