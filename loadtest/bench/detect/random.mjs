/** A seeded generator (mulberry32) and what is drawn from it. The same seed gives the same events on every machine. */
export const seeded = (seed) => {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (n) => Math.floor(next() * n)
  const hex = (length) => {
    let text = ''
    while (text.length < length) text += ((next() * 4294967296) >>> 0).toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
  /** one of `n`, the first much more often than the last */
  const zipf = (n) => {
    const sums = new Float64Array(n)
    let total = 0
    for (let k = 0; k < n; k++) sums[k] = total += Math.pow(k + 1, -0.6)
    for (let k = 0; k < n; k++) sums[k] /= total
    return () => {
      const x = next()
      let low = 0
      let high = n - 1
      while (low < high) {
        const middle = (low + high) >> 1
        if (sums[middle] < x) low = middle + 1
        else high = middle
      }
      return low
    }
  }
  return { next, below, hex, zipf, pick: (list) => list[below(list.length)] }
}
