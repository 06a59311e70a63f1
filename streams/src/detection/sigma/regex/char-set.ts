/** Sorted, disjoint ranges of code points. */
export type CharSet = readonly (readonly [number, number])[]

const last = 0x10ffff
const code = (char: string): number => char.codePointAt(0)!
export const range = (from: string, to = from): CharSet => [[code(from), code(to)]]

export const everything: CharSet = [[0, last]]
export const digits = range('0', '9')

export const union = (...sets: CharSet[]): CharSet => {
  const sorted = sets.flat().sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [from, to] of sorted) {
    const before = merged.at(-1)
    if (before && from <= before[1] + 1) before[1] = Math.max(before[1], to)
    else merged.push([from, to])
  }
  return merged
}

export const complement = (set: CharSet): CharSet => {
  const rest: [number, number][] = []
  let from = 0
  for (const [start, end] of set) {
    if (start > from) rest.push([from, start - 1])
    from = end + 1
  }
  if (from <= last) rest.push([from, last])
  return rest
}

export const overlap = (a: CharSet, b: CharSet): boolean =>
  a.some(([from, to]) => b.some(([start, end]) => from <= end && start <= to))

export const wordChars = union(range('a', 'z'), range('A', 'Z'), digits, range('_'))
export const spaces = union(
  range('\t', '\r'),
  range(' '),
  range('\u00a0'),
  range('\u1680'),
  range('\u2000', '\u200a'),
  range('\u2028', '\u2029'),
  range('\u202f'),
  range('\u205f'),
  range('\u3000'),
  range('\ufeff'),
)

export const holds = (set: CharSet, code: number): boolean => set.some(([from, to]) => from <= code && code <= to)
