import { z } from 'zod'
import { schemaSays } from './reason.js'

/** `2026-11-23`, or `2026/11/23` as Sigma 1 wrote it. */
const format = /^(\d{4})([-/])(\d\d)\2(\d\d)$/
const isDay = (text: string): boolean => {
  const [, year, , month, day] = format.exec(text) ?? []
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day)
}
const Day = z.string(schemaSays('is a date like 2026-11-23')).refine(isDay, schemaSays('is a date like 2026-11-23'))

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
export const isUuid = (text: string): boolean => uuid.test(text)
export const Uuid = z.string().regex(uuid, schemaSays('is not a UUID'))

/** Of one character it cannot be said how it is kept: a control character, or half of a letter beyond 16 bits. */
const unkept = /[^\P{Cc}\t\n\r]|\p{Cs}/u
/** What people read of a rule, wherever it is kept and shown. */
export const Shown = z.string().refine((text) => !unkept.test(text), schemaSays('has a character that no page shows'))
/** What correlations, alerts and tables call a rule. */
export const Name = z
  .string()
  .min(1)
  .max(256)
  .refine(
    (name) => /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u.test(name) && name.trim() === name,
    schemaSays('is one line, without blanks around it'),
  )

const kinds = ['derived', 'obsolete', 'obsoletes', 'merged', 'renamed', 'similar'] as const
const Related = z.array(
  z.looseObject({ id: Uuid, type: z.enum(kinds) }, schemaSays('has an `id` and a `type`')),
  schemaSays('is a list of rules, each with `id` and `type`'),
)

const Tags = z.array(
  z.string().regex(/^[a-z0-9_-]+\.[a-z0-9._-]+$/i, schemaSays('is a tag with its namespace, like attack.t1078')),
  schemaSays('is a list of tags'),
)

const texts = schemaSays('is a list of texts')
const Texts = z.array(z.string(texts), texts)

/** What Sigma says about a rule and nobody here reads: kept, and refused where the specification refuses it. */
export const metadata = {
  references: Texts.nullish(),
  fields: Texts.nullish(),
  falsepositives: Texts.nullish(),
  scope: Texts.nullish(),
  date: Day.nullish(),
  modified: Day.nullish(),
  related: Related.nullish(),
  tags: Tags.nullish(),
}
