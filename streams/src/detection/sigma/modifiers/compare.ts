import type { CompareValue } from '../value.js'
import { type Modifier, needNumber, replaceValues } from './modifier.js'

/** `lt lte gt gte`: numbers, and texts that are numbers. Anything else in the event is simply not a match. */
export const compare: Modifier = {
  names: ['lt', 'lte', 'gt', 'gte'] satisfies CompareValue['op'][],
  apply(item, name) {
    replaceValues(item, (value) => {
      const limit = needNumber(value, name)
      const part = value.kind === 'number' ? value.part : undefined
      return { kind: 'compare', op: name as CompareValue['op'], limit, ...(part && { part }) }
    })
  },
}
