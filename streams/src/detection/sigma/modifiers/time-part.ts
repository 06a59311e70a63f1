import { RuleError } from '../rule-error.js'
import { asNumber, type TimePart } from '../value.js'
import { type Modifier, needUnmodified, replaceValues } from './modifier.js'

/** `minute hour day week month year`: a part of the field's time is compared, also by `hour|gte`. */
export const timePart: Modifier = {
  names: ['minute', 'hour', 'day', 'week', 'month', 'year'] satisfies TimePart[],
  apply(item, name) {
    needUnmodified(item, name)
    replaceValues(item, (value) => {
      const number = value.kind === 'number' ? value.number : value.kind === 'text' ? asNumber(value.source) : undefined
      if (number === undefined) throw new RuleError(`\`${name}\` needs a number`)
      return { kind: 'number', number, source: String(number), part: name as TimePart }
    })
  },
}
