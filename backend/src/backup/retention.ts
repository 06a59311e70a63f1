/** How many backups are kept: the newest of each of so many days, weeks and months that have one. */
export interface Keep {
  daily: number
  weekly: number
  monthly: number
}

const day = 86_400_000

/**
 * Grandfather, father, son: of `ids`, made at these times, the ones to keep. Days, weeks (from Monday) and months are UTC's. The
 * newest is always kept.
 */
export function toKeep(backups: readonly { id: string; at: Date }[], { daily, weekly, monthly }: Keep): Set<string> {
  const newestFirst = [...backups].sort((a, b) => b.at.getTime() - a.at.getTime())
  const kept = new Set<string>(newestFirst.slice(0, 1).map(({ id }) => id))
  const newestOfEach = (periods: number, periodOf: (at: Date) => string | number) => {
    const seen = new Set<string | number>()
    for (const { id, at } of newestFirst) {
      const period = periodOf(at)
      if (seen.has(period)) continue
      if (seen.size === periods) return
      seen.add(period)
      kept.add(id)
    }
  }
  newestOfEach(daily, (at) => at.toISOString().slice(0, 10))
  newestOfEach(weekly, (at) => Math.floor((at.getTime() / day + 3) / 7)) // 1970-01-01 was a Thursday
  newestOfEach(monthly, (at) => at.toISOString().slice(0, 7))
  return kept
}
