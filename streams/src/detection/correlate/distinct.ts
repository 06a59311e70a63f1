import type { Aggregate, EntryValue } from '../windows/index.js'

/** How many different values there are. */
export const distinct = (): Aggregate => {
  const seen = new Map<EntryValue, { times: number }>()
  return {
    add(value) {
      const one = seen.get(value)
      if (one) one.times++
      else seen.set(value, { times: 1 })
    },
    remove(value) {
      const one = seen.get(value)
      if (one && --one.times === 0) seen.delete(value)
    },
    value: () => seen.size,
  }
}
