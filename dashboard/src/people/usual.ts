/** Monday to Sunday, 24 hours each, of the hours of the week that are not zero. */
export const weekOf = (hours: readonly [slot: number, median: number, distance: number][]): number[][] => {
  const week = Array.from({ length: 7 }, () => Array<number>(24).fill(0))
  for (const [slot, median] of hours) {
    const day = week[Math.floor(slot / 24)]
    if (day) day[slot % 24] = median
  }
  return week
}

/** As detection counts it: how many spreads above the usual. */
export const stepsAbove = (value: number, { usual, spread }: { usual: number; spread: number }): number =>
  Math.round(((value - usual) / spread) * 10) / 10
