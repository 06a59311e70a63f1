import type { Modifier } from './modifier.js'

/** Upper and lower case are told apart. */
export const cased: Modifier = {
  names: ['cased'],
  apply(item) {
    item.cased = true
  },
}
