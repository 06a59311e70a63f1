import type { Scalar } from './fields.js'
import { asNumber, type TimePart } from './value.js'

const day = 86_400_000

/** Week of ISO 8601: the one with the year's first Thursday is week 1. */
const isoWeek = (date: Date): number => {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * day)
  return Math.ceil(((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / day + 1) / 7)
}

const parts: Record<TimePart, (date: Date) => number> = {
  instant: (date) => date.getTime(),
  minute: (date) => date.getUTCMinutes(),
  hour: (date) => date.getUTCHours(),
  day: (date) => date.getUTCDate(),
  week: isoWeek,
  month: (date) => date.getUTCMonth() + 1,
  year: (date) => date.getUTCFullYear(),
}

/** The values that a part can have. */
export const rangeOf: Readonly<Record<Exclude<TimePart, 'instant'>, readonly [from: number, to: number]>> = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [0, 9999],
}

const timestamp = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::\d\d(?:[.,]\d+)?)?)?\s?(?:Z|UTC|[+-]\d\d:?\d\d)?$/i

/** The clock as it is written: Sigma asks for no time zone conversion. Numbers are seconds or milliseconds since 1970. */
const readTime = (value: Scalar): Date | undefined => {
  const [, year, month, dayOfMonth, hour = '0', minute = '0'] = timestamp.exec(String(value)) ?? []
  if (year) {
    const date = new Date(Date.UTC(+year, +month! - 1, +dayOfMonth!, +hour, +minute))
    return date.getUTCDate() === +dayOfMonth! && date.getUTCHours() === +hour ? date : undefined
  }
  const number = asNumber(value)
  if (number === undefined) return undefined
  const date = new Date(Math.abs(number) < 1e11 ? number * 1000 : number)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** A part of the time that an event has in a field; undefined when that is no time. */
export const partOfTime = (value: Scalar, part: TimePart): number | undefined => {
  const date = readTime(value)
  return date && parts[part](date)
}
