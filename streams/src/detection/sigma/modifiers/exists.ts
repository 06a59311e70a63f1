import { RuleError } from '../rule-error.js'
import { type Modifier, needUnmodified, replaceValues } from './modifier.js'

/** Whether the field is there at all: empty and null are. */
export const exists: Modifier = {
  names: ['exists'],
  apply(item, name) {
    needUnmodified(item, name)
    if (item.groups.length !== 1)
      throw new RuleError({ en: '`exists` needs one value, true or false', zh: '`exists` 须有一个值：true 或 false' })
    replaceValues(item, (value) => {
      if (value.kind !== 'boolean')
        throw new RuleError({ en: '`exists` needs true or false', zh: '`exists` 的值须为 true 或 false' })
      return { kind: 'presence', expected: value.boolean }
    })
  },
}
