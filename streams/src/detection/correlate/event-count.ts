import type { Operator } from './operator.js'

const nothing = (): void => undefined

/** How many events. */
export const eventCount: Operator = {
  type: 'event_count',
  holds: true,
  kind: 'nothing',
  values: () => [null],
  aggregate: () => ({ add: nothing, remove: nothing, value: ({ count }) => count }),
}
