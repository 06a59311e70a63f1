import { RuleError } from '../rule-error.js'
import { plainText } from '../text.js'
import { type Modifier, needText, needUnmodified, replaceValues } from './modifier.js'

/** The value names another field of the same event, to compare with. Both must be there. */
export const fieldref: Modifier = {
  names: ['fieldref'],
  apply(item, name, { needField }) {
    const before = item.applied.find((other) => ['contains', 'startswith', 'endswith'].includes(other))
    if (before) throw new RuleError(`write \`fieldref|${before}\`, in this order`)
    needUnmodified(item, name)
    replaceValues(item, (value) => {
      const other = plainText(needText(value, name).parts)
      if (!other) throw new RuleError('`fieldref` needs the name of a field, without wildcards')
      needField(other)
      return { kind: 'field', name: other, how: 'equals' }
    })
  },
}
