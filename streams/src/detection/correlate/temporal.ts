import type { Operator } from './operator.js'

/** How many of the rules were seen, in any order. */
export const temporal: Operator = {
  type: 'temporal',
  holds: false,
  values: (_rule, via) => [via],
  aggregate: () => {
    const seen = new Map<unknown, number>()
    return {
      add: ({ value }) => seen.set(value, (seen.get(value) ?? 0) + 1),
      remove: ({ value }) => {
        const left = (seen.get(value) ?? 0) - 1
        if (left > 0) seen.set(value, left)
        else seen.delete(value)
      },
      value: () => seen.size,
    }
  },
}
