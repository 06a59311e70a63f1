import { RuleError } from '../rule-error.js'
import { asNumber } from '../value.js'
import { type Modifier, replaceValues } from './modifier.js'

const comparisons: Record<string, (a: number, b: number) => boolean> = {
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
}

/** `lt lte gt gte`: numbers, and texts that are numbers. Anything else in the event is simply not a match. */
export const compare: Modifier = {
  names: Object.keys(comparisons),
  apply(item, name) {
    const holds = comparisons[name]!
    replaceValues(item, (value) => {
      const limit = value.kind === 'number' ? value.number : value.kind === 'text' ? asNumber(value.source) : undefined
      if (limit === undefined) throw new RuleError(`\`${name}\` needs a number`)
      const read = value.kind === 'number' && value.partOf ? value.partOf : asNumber
      return {
        kind: 'test',
        test: (found) => {
          const number = read(found)
          return number !== undefined && holds(number, limit)
        },
      }
    })
  },
}
