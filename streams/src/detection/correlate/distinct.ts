import { type Aggregate, PairCounts } from '../windows/index.js'

/** How many different values there are. */
export const distinct = (): Aggregate => {
  const seen = new PairCounts()
  return {
    add(window, value) {
      if (seen.add(window.number, value)) window.different++
    },
    remove(window, value) {
      if (seen.remove(window.number, value)) window.different--
    },
    value: ({ different }) => different,
    bytes: () => seen.bytes,
  }
}
