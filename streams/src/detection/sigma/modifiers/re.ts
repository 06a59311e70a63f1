import { RuleError } from '../rule-error.js'
import { type Modifier, needText, needUnmodified, replaceValues } from './modifier.js'

/** The value is a regular expression, looked for anywhere in the field, case-sensitive. */
export const re: Modifier = {
  names: ['re'],
  apply(item, name) {
    needUnmodified(item, name)
    replaceValues(item, (value) => ({ kind: 'regex', pattern: needText(value, name).source, flags: '' }))
  },
}

const flags: Record<string, string> = { i: 'i', ignorecase: 'i', m: 'm', multiline: 'm', s: 's', dotall: 's' }

/** `re|i` ignores case, `re|m` lets ^ and $ match at lines, `re|s` lets the dot match newlines. */
export const reFlags: Modifier = {
  names: Object.keys(flags),
  apply(item, name) {
    replaceValues(item, (value) => {
      if (value.kind !== 'regex')
        throw new RuleError({ en: `\`${name}\` must follow \`re\``, zh: `\`${name}\` 须跟在 \`re\` 之后` })
      const flag = flags[name]!
      return { ...value, flags: value.flags.includes(flag) ? value.flags : value.flags + flag }
    })
  },
}
