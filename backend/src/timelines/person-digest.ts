import type { EventRow, PersonTimeline } from '@custodia/contracts'

/** A pause that is worth a line. */
const gapMs = 30 * 60_000

type Digest = Pick<PersonTimeline, 'devices' | 'places' | 'gaps'>

/** From which devices and places somebody worked, and when they did not. What others did to them does not count. */
export function digestOf(events: readonly EventRow[], actor: string): Digest {
  const own = events.filter((event) => event.actor === actor).sort((a, b) => (a.time < b.time ? -1 : 1))
  const devices = [
    ...Map.groupBy(
      own.filter(({ device }) => device),
      ({ device }) => device ?? '',
    ),
  ]
  const places = [
    ...Map.groupBy(
      own.filter(({ ip }) => ip),
      ({ ip }) => ip ?? '',
    ),
  ]
  return {
    devices: devices.map(([device, seen]) => ({
      device,
      user_agent: seen.at(-1)?.user_agent,
      new: seen.some((event) => event.new_device),
      ...spanOf(seen),
    })),
    places: places.map(([ip, seen]) => ({
      ip,
      country: seen.at(-1)?.country,
      city: seen.at(-1)?.city,
      ...spanOf(seen),
    })),
    gaps: own.flatMap((event, n) => {
      const before = own[n - 1]
      const long = before && Date.parse(event.time) - Date.parse(before.time) >= gapMs
      return long ? [{ from: instant(before), to: instant(event) }] : []
    }),
  }
}

const instant = ({ time }: EventRow): string => new Date(time).toISOString()

const spanOf = (seen: readonly EventRow[]) => {
  const [first, last] = [seen[0], seen.at(-1)]
  if (!first || !last) throw new Error('a group has members')
  return { first: instant(first), last: instant(last), events: seen.length }
}
