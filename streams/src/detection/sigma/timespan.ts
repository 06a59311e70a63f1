/** Seconds of a unit. Months and years are the mean Gregorian ones, as other Sigma tools have them. */
const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, M: 2_629_746, y: 31_556_952 }

/** `90s`, `10m`, `1h`, `2d`, `1w`, `1M`, `1y` as seconds; undefined for anything else. */
export const parseTimespan = (text: string): number | undefined => {
  const [, count, unit] = /^(\d{1,9})([smhdwMy])$/.exec(text) ?? []
  return count && unit ? Number(count) * units[unit]! : undefined
}
