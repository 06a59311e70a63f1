const written =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?\s?(?:Z|UTC|([+-])(\d\d):?(\d\d)?)?)?$/i

const readText = (text: string): number | undefined => {
  const found = written.exec(text)
  if (!found) return asNumber(text)
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', sign, zoneHour, zoneMinute] = found
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  if (new Date(date).getUTCDate() !== Number(day)) return undefined
  const clock = Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000
  const zone = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * 60_000
  return date + clock + Number(`0.${fraction}0`) * 1000 - (sign === '-' ? -zone : zone)
}

const asNumber = (text: string): number | undefined =>
  /^\d+(\.\d+)?$/.test(text) ? fromNumber(Number(text)) : undefined

/** Seconds, milliseconds, microseconds or nanoseconds since 1970: their sizes do not overlap for any time after 1973. */
const fromNumber = (number: number): number | undefined => {
  const size = Math.abs(number)
  if (size < 1e11) return number * 1000
  if (size < 1e14) return number
  if (size < 1e17) return number / 1000
  return size < 1e20 ? number / 1e6 : undefined
}

/** The moment an event says it happened, in milliseconds with their fraction; without a zone it is UTC. */
export const readEventTime = (value: unknown): number | undefined =>
  typeof value === 'string' ? readText(value) : typeof value === 'number' ? fromNumber(value) : undefined
