import { RuleError } from '../rule-error.js'
import type { Modifier } from './modifier.js'

/** Every value must match, in any order. Sigma does not allow it for a single value: it would say nothing. */
export const all: Modifier = {
  names: ['all'],
  apply(item) {
    if (item.groups.length < 2) throw new RuleError('`all` needs more than one value')
    item.all = true
  },
}
