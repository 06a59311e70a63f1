/** The name that was probably meant: at most a third of it differs. */
export const nearest = (wrong: string, names: readonly string[]): string | undefined => {
  const ranked = names.map((name) => ({ name, away: distance(wrong, name) })).sort((a, b) => a.away - b.away)
  const [best] = ranked
  return best && best.away <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : undefined
}

/** Levenshtein's: letters to add, remove or replace. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
