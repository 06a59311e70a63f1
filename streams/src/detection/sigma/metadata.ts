import { z } from 'zod'

/** `2026-11-23`, or `2026/11/23` as Sigma 1 wrote it. */
const format = /^(\d{4})([-/])(\d\d)\2(\d\d)$/
const isDay = (text: string): boolean => {
  const [, year, , month, day] = format.exec(text) ?? []
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day)
}
const Day = z.string('is a date like 2026-11-23').refine(isDay, 'is a date like 2026-11-23')

export const Uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'is not a UUID')

const kinds = ['derived', 'obsolete', 'obsoletes', 'merged', 'renamed', 'similar'] as const
const Related = z.array(
  z.looseObject({ id: Uuid, type: z.enum(kinds, `is one of ${kinds.join(', ')}`) }, 'has an `id` and a `type`'),
  'is a list of rules, each with `id` and `type`',
)

const Tags = z.array(
  z.string().regex(/^[a-z0-9_-]+\.[a-z0-9._-]+$/i, 'is a tag with its namespace, like attack.t1078'),
  'is a list of tags',
)

/** What Sigma says about a rule and nobody here reads: kept, and refused where the specification refuses it. */
export const metadata = {
  date: Day.nullish(),
  modified: Day.nullish(),
  related: Related.nullish(),
  tags: Tags.nullish(),
}
