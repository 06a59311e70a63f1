/** What a person types is a time on the wall of the system's zone, wherever their browser is. */
const partsIn = (zone: string, at: number): number => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(new Date(at))
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
}

/** `2026-11-22 14:05` (or with seconds) in a zone, as an instant; undefined when it cannot be read. */
export const instantOf = (wall: string, zone: string): string | undefined => {
  const asUtc = Date.parse(`${wall.replace(' ', 'T')}Z`)
  if (Number.isNaN(asUtc)) return undefined
  // twice: the offset at the guess may be that of the other side of a clock change
  const guess = asUtc - (partsIn(zone, asUtc) - asUtc)
  return new Date(asUtc - (partsIn(zone, guess) - guess)).toISOString()
}

/** The last second of a day. */
export const endOfDay = (day: string, zone: string): string | undefined => instantOf(`${day} 23:59:59`, zone)

/** An instant as `2026-11-22 14:05` on the wall of a zone. */
export const wallTime = (at: number, zone: string): string => {
  const whole = Math.floor(at / 60_000) * 60_000
  return new Date(partsIn(zone, whole)).toISOString().slice(0, 16).replace('T', ' ')
}
