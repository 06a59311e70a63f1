import { RuleError } from '../rule-error.js'
import { ANY, joinParts } from '../text.js'
import type { Value } from '../value.js'
import { type Modifier, needText, replaceValues } from './modifier.js'

type Where = 'contains' | 'startswith' | 'endswith'

const place = (value: Value, where: Where): Value => {
  if (value.kind === 'field') {
    if (value.how !== 'equals')
      throw new RuleError({
        en: `\`${where}\` cannot follow \`${value.how}\``,
        zh: `\`${where}\` 不能跟在 \`${value.how}\` 之后`,
      })
    return { ...value, how: where }
  }
  // A pattern is looked for anywhere already: `contains` adds nothing, the other two tie it to an end.
  if (value.kind === 'regex') {
    if (where === 'contains') return value
    return { ...value, pattern: where === 'startswith' ? `^(?:${value.pattern})` : `(?:${value.pattern})$` }
  }
  const text = needText(value, where)
  const before = where === 'startswith' ? [] : [ANY as typeof ANY]
  const after = where === 'endswith' ? [] : [ANY as typeof ANY]
  return { ...text, parts: joinParts([...before, ...text.parts, ...after]) }
}

/** `contains`, `startswith`, `endswith`: the value is expected anywhere, at the beginning or at the end. */
export const affix: Modifier = {
  names: ['contains', 'startswith', 'endswith'],
  apply(item, name) {
    replaceValues(item, (value) => place(value, name as Where))
  },
}
