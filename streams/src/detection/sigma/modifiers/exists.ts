import { RuleError } from '../rule-error.js'
import { type Modifier, needUnmodified, replaceValues } from './modifier.js'

/** Whether the field is there at all: empty and null are. */
export const exists: Modifier = {
  names: ['exists'],
  apply(item, name) {
    needUnmodified(item, name)
    if (item.groups.length !== 1) throw new RuleError('`exists` needs one value, true or false')
    replaceValues(item, (value) => {
      if (value.kind !== 'boolean') throw new RuleError('`exists` needs true or false')
      return { kind: 'presence', expected: value.boolean }
    })
  },
}
