import type { Locale } from '../i18n/locale.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export interface Zoned {
  locale: Locale
  /** IANA name, e.g. Asia/Shanghai */
  zone: string
}

/** Formatters are costly to make and few: one per language, zone and shape. */
const made = new Map<string, Intl.DateTimeFormat>()
const formatter = (at: Zoned, shape: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${at.locale}|${at.zone}|${shape}`
  const found = made.get(key) ?? new Intl.DateTimeFormat(at.locale, { ...options, timeZone: at.zone, hourCycle: 'h23' })
  made.set(key, found)
  return found
}
const dayOf = (time: Date, at: Zoned): string =>
  formatter({ ...at, locale: 'en' }, 'day', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(time)

/** 14:02 today, 12 Nov 14:02 this year, 12 Nov 2025 14:02 otherwise; in the reader's zone. */
export const shortTime = (iso: string, at: Zoned, now: number, seconds = false): string => {
  const time = new Date(iso)
  const clock: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
  }
  const tail = seconds ? 's' : ''
  if (dayOf(time, at) === dayOf(new Date(now), at)) return formatter(at, `clock${tail}`, clock).format(time)
  const sameYear = dayOf(time, at).slice(-4) === dayOf(new Date(now), at).slice(-4)
  return formatter(at, `${sameYear ? 'day' : 'year'}-clock${tail}`, {
    ...clock,
    day: 'numeric',
    month: 'short',
    ...(!sameYear && { year: 'numeric' }),
  }).format(time)
}

/** Everything about a moment, for the hover: date, seconds and zone. */
export const longTime = (iso: string, at: Zoned): string =>
  formatter(at, 'long', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(iso))

/** Whole minutes since, only under an hour; otherwise the clock says it better. */
export const minutesAgo = (iso: string, now: number): number | undefined => {
  const age = now - Date.parse(iso)
  return age >= -5_000 && age < HOUR ? Math.max(0, Math.floor(age / MINUTE)) : undefined
}

/** A number of seconds in its largest whole unit: 240 → 4 minutes, 90 → 90 seconds. */
export const durationOf = (seconds: number): { n: number; unit: 'seconds' | 'minutes' | 'hours' | 'days' } => {
  if (seconds >= 86_400 && seconds % 86_400 === 0) return { n: seconds / 86_400, unit: 'days' }
  if (seconds >= 3_600 && seconds % 3_600 === 0) return { n: seconds / 3_600, unit: 'hours' }
  if (seconds >= 60 && seconds % 60 === 0) return { n: seconds / 60, unit: 'minutes' }
  return { n: seconds, unit: 'seconds' }
}

/** A number of seconds as people would say it: 247 → 4 minutes, 95 minutes → 2 hours. */
export const about = (seconds: number): ReturnType<typeof durationOf> => {
  const units = [
    ['days', 86_400],
    ['hours', 3_600],
    ['minutes', 60],
    ['seconds', 1],
  ] as const
  const [unit, size] = units.find(([, each]) => seconds >= 1.5 * each) ?? ['seconds', 1]
  return { n: Math.round(seconds / size), unit }
}

/** 12,034 — grouped. */
export const grouped = (value: number, locale: Locale): string => new Intl.NumberFormat(locale).format(value)

/** An id shortened in the middle: 0192f3a1…9c4e. */
export const middle = (id: string, head = 8, tail = 4): string =>
  id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`

/** What a person says on the phone and the desk looks for: the end of a freeze's id. */
export const caseOf = (freezeId: string): string => freezeId.replaceAll('-', '').slice(-6).toUpperCase()
