import { readFileSync } from 'node:fs'
import { IANAZone } from 'luxon'
import { inPlainWords } from '@custodia/streams/settings'
import { z } from 'zod'
import { PublicHolidays } from './public-holidays.js'

const day = z.iso.date()

const Span = z
  .strictObject({
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'not a time of day from 00:00 to 23:59, such as 08:30'),
    to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'not a time of day, such as 18:30, or 24:00'),
  })
  .refine(({ from, to }) => from !== to, '`from` and `to` are the same: write 00:00 to 24:00 for the whole day')

/** From a time of day to another, local; `to` itself is outside, and is of the next day unless it is later than `from`. */
export type Span = z.output<typeof Span>

/** One or the other, told apart by `first`; unlike a union it names the place inside that is wrong. */
const eitherOf = <A extends z.ZodType, B extends z.ZodType>(first: (value: unknown) => boolean, a: A, b: B) =>
  z.unknown().transform((value, context): z.output<A> | z.output<B> => {
    const parsed = (first(value) ? a : b).safeParse(value, { error: inPlainWords })
    if (parsed.success) return parsed.data as z.output<A> | z.output<B>
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message })
    return z.NEVER
  })

const Hours = eitherOf(Array.isArray, z.array(Span).min(1, 'empty: write at least one span of hours'), Span)

const zone = z
  .string()
  .refine((name) => IANAZone.isValidZone(name), 'not an IANA time zone, such as Asia/Shanghai or Europe/Berlin')

/** What a team has of its own; what it leaves out is everybody's. */
const Shift = z.strictObject({
  hours: Hours.optional().describe('one span or a list of them'),
  days: z
    .enum(['workdays', 'every_day'])
    .default('workdays')
    .describe('the days on which its spans begin: its working days, or every day'),
  time_zone: zone.optional().describe('its hours and days are those of this zone'),
  holidays: eitherOf(
    Array.isArray,
    z.array(day).min(1, 'empty: write every single day off, or "none"'),
    z.enum(['china', 'none'], 'not china, none or a list of days such as 2026-12-25'),
  )
    .optional()
    .describe('instead of all days of everybody: china’s, none, or every single weekday off by its date'),
})

/** The business calendar's settings: the content of the optional JSON file, every key optional. */
export const CalendarSettings = z.strictObject({
  time_zone: zone.default('Asia/Shanghai').describe('days and hours are those of this zone'),
  hours: Hours.default({ from: '08:30', to: '18:30' }).describe('working hours, one span or a list of them'),
  shifts: z.record(z.string().min(1), Shift).default({}).describe('by team: what it has of its own'),
  holidays: z
    .enum(['china', 'none'])
    .default('china')
    .describe('china: public holidays and make-up working days; none: Monday to Friday only'),
  public_holidays: PublicHolidays.default({}).describe(
    'by year: public holidays and make-up working days, as announced',
  ),
  extra_holidays: z.array(day).default([]).describe('days off of your own; they win over `extra_workdays`'),
  extra_workdays: z.array(day).default([]).describe('working days of your own, e.g. a Saturday'),
})

export type CalendarSettings = z.output<typeof CalendarSettings>

/** Names what is wrong with the file, and no value of it. */
export class CalendarError extends Error {}

/** Throws one sentence naming every wrong key; `timeZone` holds where the file names none. */
export function readCalendarSettings(file: string | undefined, timeZone?: string): CalendarSettings {
  const defaults = timeZone ? { time_zone: timeZone } : {}
  if (!file) return CalendarSettings.parse(defaults)
  const content = readJson(file)
  const whole = isPlainObject(content) ? { ...defaults, ...content } : content
  const parsed = CalendarSettings.safeParse(whole, { error: inPlainWords })
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`)
  throw new CalendarError(`CUSTODIA_CALENDAR names a file that is not usable: ${wrong.join('; ')}`)
}

/** What is wrong with the content of the file; nothing when it cannot be read, which is told of with all other files. */
export function calendarProblems(file: string | undefined): string[] {
  if (!file) return []
  try {
    readCalendarSettings(file)
    return []
  } catch (error) {
    return error instanceof CalendarError ? [error.message] : []
  }
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readJson(file: string): unknown {
  const text = readFileSync(file, 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CalendarError('CUSTODIA_CALENDAR names a file that is not JSON', { cause })
  }
}
