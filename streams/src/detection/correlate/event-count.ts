import type { Operator } from './operator.js'

/** How many events. */
export const eventCount: Operator = {
  type: 'event_count',
  holds: true,
  values: () => [null],
  aggregate: () => {
    let count = 0
    return { add: () => count++, remove: () => count--, value: () => count }
  },
}
