import { Severity, type ChannelSettings } from '@custodia/contracts'
import { DateTime } from 'luxon'
import type { Told } from './told.js'

const rank = (severity: Severity): number => Severity.options.indexOf(severity)

/** Whether a channel is to be told. */
export function wants(channel: ChannelSettings, { notice, respond }: Told): boolean {
  if (notice.kind === 'test' || !channel.kinds.includes(notice.kind)) return false
  if (notice.demo && !channel.demo) return false
  if (notice.kind !== 'alert') return true
  return rank(notice.severity) >= rank(channel.min_severity) || respond.some((step) => channel.responses.includes(step))
}

/** The end of the quiet hours that `at` falls into; undefined when it does not, or when it is too grave to wait. */
export function quietUntil(
  quiet: ChannelSettings['quiet'],
  severity: Severity,
  timeZone: string,
  at: Date,
): Date | undefined {
  if (!quiet || rank(severity) >= rank(quiet.unless)) return undefined
  const now = DateTime.fromJSDate(at, { zone: timeZone })
  const clock = now.toFormat('HH:mm')
  const overnight = quiet.from > quiet.to
  const inside = overnight ? clock >= quiet.from || clock < quiet.to : clock >= quiet.from && clock < quiet.to
  if (!inside) return undefined
  const [hour, minute] = quiet.to.split(':').map(Number)
  const end = now.set({ hour, minute, second: 0, millisecond: 0 })
  return (end > now ? end : end.plus({ days: 1 })).toJSDate()
}

const firstSeconds = 5
const mostSeconds = 3600

/** Seconds until the attempt after this many: twice as long each time, up to an hour, spread so that not all come at once. */
export function secondsUntilNext(attempts: number, asked: number | undefined, random: number): number {
  const grown = Math.min(mostSeconds, firstSeconds * 2 ** Math.max(0, attempts - 1))
  const own = grown * (0.5 + random / 2)
  // what the other side asks for counts, within reason
  return Math.max(own, Math.min(asked ?? 0, mostSeconds))
}
