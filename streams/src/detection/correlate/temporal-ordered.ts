import type { Operator } from './operator.js'

const nothing = (): void => undefined

/**
 * How many of the rules were seen in the order listed, from the first one on. Events of the same time count in the order in
 * which they are judged; one event may stand for one rule only.
 */
export const temporalOrdered: Operator = {
  type: 'temporal_ordered',
  holds: false,
  kind: 'text',
  values: (_rule, via) => [via],
  aggregate: ({ rules }) => ({
    add: nothing,
    remove: nothing,
    value: (window) => {
      let reached = 0
      let last: string | undefined
      for (const { value, id } of window.entries()) {
        if (value !== rules[reached] || id === last) continue
        reached++
        last = id
      }
      return reached
    },
  }),
}
