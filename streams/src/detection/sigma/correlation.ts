import { z } from 'zod'
import { hasTooManyParts } from './fields.js'
import { parseSection } from './head.js'
import type { RuleDocument } from './nodes.js'
import type { Comparison, CorrelationRule } from './rule.js'
import { schemaSays, tooManyParts } from './reason.js'
import { RuleError } from './rule-error.js'
import type { Said } from './said.js'
import { parseTimespan } from './timespan.js'

const types = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
] as const
const comparisons = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const satisfies readonly Comparison[]

const Names = z
  .union(
    [
      z
        .string()
        .min(1)
        .transform((name) => [name]),
      z.array(z.string().min(1)),
    ],
    { error: schemaSays('is a name or a list of names') },
  )
  .refine((names) => new Set(names).size === names.length, schemaSays('names something twice'))

const Field = z
  .string()
  .min(1)
  .refine((name) => !hasTooManyParts(name), schemaSays(tooManyParts.en))
const Fields = Names.refine((names) => !names.some(hasTooManyParts), schemaSays(tooManyParts.en))
/** A group is told as an object, which keeps this name for itself. */
const GroupBy = Fields.refine((names) => !names.includes('__proto__'), schemaSays('cannot group by `__proto__`'))

const limit = z.number().optional()
const Condition = z.strictObject({
  ...({ gt: limit, gte: limit, lt: limit, lte: limit, eq: limit, neq: limit } satisfies Record<
    Comparison,
    typeof limit
  >),
  field: Fields.optional(),
  percentile: z.number().min(0).max(100).optional(),
})

const Correlation = z.strictObject({
  type: z.enum(types),
  rules: Names.refine((names) => names.length > 0, schemaSays('names no rule')),
  'group-by': GroupBy.nullish(),
  timespan: z
    .string(schemaSays('is a time like 5m'))
    .transform((text) => parseTimespan(text) ?? 0)
    .refine((seconds) => seconds > 0, schemaSays('is a time like 90s, 5m, 1h, 2d')),
  condition: Condition.optional(),
  aliases: z.record(z.string(), z.record(z.string(), Field)).nullish(),
  generate: z.boolean().nullish(),
})

/** What a correlation says, before its references are looked up. */
export type CorrelationParts = Pick<
  CorrelationRule,
  'type' | 'rules' | 'groupBy' | 'timespanSeconds' | 'condition' | 'field' | 'percentile' | 'aliases'
>

export const parseCorrelation = (document: RuleDocument): CorrelationParts => {
  const text = (document.content.correlation as { condition?: unknown } | null)?.condition
  if (typeof text === 'string')
    throw new RuleError(
      {
        en: 'a correlation condition in words is not part of Sigma 2.1',
        zh: 'Sigma 2.1 的关联规则不支持文字形式的条件',
      },
      document.line(['correlation', 'condition']),
    )
  const { generate } = document.content
  if (typeof generate !== 'boolean' && generate !== undefined && generate !== null)
    throw new RuleError(
      { en: '`generate`: is true or false', zh: '`generate` 须为 true 或 false' },
      document.line(['generate']),
    )
  const { type, rules, timespan, condition = {}, ...parsed } = parseSection(document, ['correlation'], Correlation)
  const fail = (said: Said, ...path: string[]) => new RuleError(said, document.line(['correlation', ...path]))
  const limits = comparisons.flatMap((op) => (condition[op] === undefined ? [] : [{ op, value: condition[op] }]))
  const temporal = type === 'temporal' || type === 'temporal_ordered'
  if (!limits.length && !temporal)
    throw fail(
      { en: `\`${type}\` needs a condition like \`gte: 10\``, zh: `\`${type}\` 需要条件，例如 \`gte: 10\`` },
      'condition',
    )
  const field = condition.field ?? []
  const onField = type.startsWith('value_')
  if (onField && !field.length)
    throw fail(
      { en: `\`${type}\` needs a \`field\` in its condition`, zh: `\`${type}\` 的条件需要 \`field\`` },
      'condition',
    )
  if (field.length > 1 && type !== 'value_count')
    throw fail({ en: `\`${type}\` takes one field`, zh: `\`${type}\` 只能有一个字段` }, 'condition', 'field')
  if (field.length && !onField)
    throw fail({ en: `\`${type}\` takes no \`field\``, zh: `\`${type}\` 不能有 \`field\`` }, 'condition', 'field')
  if (condition.percentile !== undefined && type !== 'value_percentile')
    throw fail(
      { en: `\`${type}\` takes no \`percentile\``, zh: `\`${type}\` 不能有 \`percentile\`` },
      'condition',
      'percentile',
    )
  return {
    type,
    rules,
    groupBy: parsed['group-by'] ?? [],
    timespanSeconds: timespan,
    // Without a condition of its own a temporal rule wants all of its rules.
    condition: limits.length ? limits : [{ op: 'gte', value: rules.length }],
    field,
    // The 2.1 schema has no key for it and its text calls the median the example.
    ...(type === 'value_percentile' && { percentile: condition.percentile ?? 50 }),
    aliases: parsed.aliases ?? {},
  }
}

/** Names that a correlation refers to, however wrong the rest of it is: what they name must not alert on its own. */
export const referencesOf = (document: RuleDocument): { rules: string[]; generate: boolean } => {
  const section = document.content.correlation
  if (typeof section !== 'object' || section === null) return { rules: [], generate: false }
  const { rules, generate } = section as { rules?: unknown; generate?: unknown }
  const list: unknown[] = Array.isArray(rules) ? rules : [rules]
  return {
    rules: list.filter((name) => typeof name === 'string'),
    generate: generate === true || document.content.generate === true,
  }
}
