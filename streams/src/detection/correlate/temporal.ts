import { distinct } from './distinct.js'
import type { Operator } from './operator.js'

/** How many of the rules were seen, in any order. */
export const temporal: Operator = {
  type: 'temporal',
  holds: false,
  kind: 'text',
  values: (_rule, via) => [via],
  aggregate: distinct,
}
