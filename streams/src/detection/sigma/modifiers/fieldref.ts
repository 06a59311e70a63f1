import { hasTooManyParts } from '../fields.js'
import { tooManyParts } from '../reason.js'
import { RuleError } from '../rule-error.js'
import { plainText } from '../text.js'
import { type Modifier, needText, needUnmodified, replaceValues } from './modifier.js'

/** The value names another field of the same event, to compare with. Both must be there, with `neq` too. */
export const fieldref: Modifier = {
  names: ['fieldref'],
  apply(item, name, { needField }) {
    const before = item.applied.find((other) => ['contains', 'startswith', 'endswith'].includes(other))
    if (before)
      throw new RuleError({
        en: `write \`fieldref|${before}\`, in this order`,
        zh: `请按此顺序写：\`fieldref|${before}\``,
      })
    needUnmodified(item, name)
    replaceValues(item, (value) => {
      const other = plainText(needText(value, name).parts)
      if (!other)
        throw new RuleError({
          en: '`fieldref` needs the name of a field, without wildcards',
          zh: '`fieldref` 需要一个字段名，不含通配符',
        })
      if (hasTooManyParts(other)) throw new RuleError(tooManyParts)
      needField(other)
      return { kind: 'field', name: other, how: 'equals' }
    })
  },
}
