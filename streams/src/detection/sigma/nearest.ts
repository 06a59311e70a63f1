/** How many letters are to be put in, left out, changed or swapped with their neighbour to get from one word to the other. */
const distance = (a: string, b: string): number => {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const last = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        changed,
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        swapped ? (before[j - 2] as number) + 1 : Infinity,
      )
    }
    before = last
  }
  return row[b.length] as number
}

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_. ]/g, '')

/** The known word that was probably meant: one that differs in a third of its letters at most, or in how it is spelled. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const [best] = known
    .map((other) => ({ other, away: distance(plain(word), plain(other)) }))
    .filter(({ other, away }) => away <= Math.floor(Math.max(plain(other).length, 3) / 3))
    .sort((a, b) => a.away - b.away)
  return best?.other
}
