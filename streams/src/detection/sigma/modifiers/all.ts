import { RuleError } from '../rule-error.js'
import type { Item, Modifier } from './modifier.js'

/** Every value must match, in any order. */
export const all: Modifier = {
  names: ['all'],
  apply(item) {
    item.all = true
  },
}

/** Sigma does not allow it for a single value: it would say nothing. How many there are is known once placeholders are read. */
export const needSeveral = ({ all, groups }: Item): void => {
  if (all && groups.length < 2)
    throw new RuleError({ en: '`all` needs more than one value', zh: '`all` 需要多于一个值' })
}
