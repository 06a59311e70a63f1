import type { Modifier } from './modifier.js'

/** The field is there and differs from every value. A missing field differs from nothing: write `not` for that. */
export const neq: Modifier = {
  names: ['neq'],
  apply(item) {
    item.negated = true
  },
}
