import { Response } from '@custodia/contracts'
import { z } from 'zod'
import { Clauses } from './clauses.js'
import { Exceptions, outsideOf } from './exceptions.js'
import type { Expression } from './expression.js'
import { parseSection } from './head.js'
import type { NeedField } from './known-fields.js'
import type { RuleDocument } from './nodes.js'
import type { CorrelationRule, CustodiaKeys } from './rule.js'
import { RuleError } from './rule-error.js'
import { parseTimespan } from './timespan.js'

const Duration = z
  .string('is a duration like 10m or 1h')
  .transform((text) => parseTimespan(text))
  .refine((seconds) => seconds !== undefined, 'is a duration like 10m or 1h')
  .transform((seconds) => seconds!)

const timed = ['step_up', 'throttle', 'mask', 'block', 'freeze'] as const
const Timed = z
  .partialRecord(
    z.enum(timed),
    Duration.refine((seconds) => seconds > 0, 'must be longer than nothing'),
  )
  .refine((map) => Object.keys(map).length === 1, 'each response is an entry of its own')
  .transform((map): Response => {
    const [[name, seconds]] = Object.entries(map) as [[(typeof timed)[number], number]]
    return { do: name, for_seconds: seconds }
  })
const Respond = z
  .array(
    z.union([Response.shape.do.transform((name): Response => ({ do: name })), Timed], {
      error: `is one of ${Response.shape.do.options.join(', ')}; a duration is written like \`freeze: 1h\``,
    }),
  )
  .refine((list) => new Set(list.map((response) => response.do)).size === list.length, 'names a response twice')

const placeholder = /\{([^{}]*)\}/g
const knownPlaceholder = /^(actor|value|limit|window|group\..+)$/
const Sentence = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    for (const [whole, name] of text.matchAll(placeholder))
      if (!knownPlaceholder.test(name!))
        context.addIssue(`${whole} is not one of {actor} {value} {limit} {window} {group.<field>}`)
  })

/** Everything below `custodia:`. `clauses`, `runbook` and `numbers` are for people: checked, and kept in the file. */
const Keys = z.strictObject({
  respond: Respond.optional(),
  hold: z.boolean().optional(),
  mode: z.enum(['off', 'shadow', 'live']).optional(),
  suppress: Duration.optional(),
  text: z.strictObject({ en: Sentence, zh: Sentence }).optional(),
  exceptions: Exceptions.optional(),
  clauses: Clauses.optional(),
  runbook: z
    .union(
      [z.string(), z.strictObject({ en: z.string(), zh: z.string() })],
      'is a text, or one in `en` and one in `zh`',
    )
    .optional(),
  numbers: z.string().optional(),
})

/** Their names, for the documentation to be held against. */
export const ownKeys = Object.keys(Keys.shape)

type Counting = Pick<CorrelationRule, 'condition' | 'groupBy' | 'timespanSeconds'>

/** Our own keys, with safe values for what is not said: an alert, nothing else. */
export const parseCustodiaKeys = (document: RuleDocument, correlation?: Counting): CustodiaKeys => {
  const keys = document.content.custodia === undefined ? {} : parseSection(document, ['custodia'], Keys)
  if (keys.hold) {
    const why = whyNotHold(correlation)
    if (why) throw new RuleError(`\`hold\` ${why}`, document.line(['custodia', 'hold']))
  }
  const respond = keys.respond ?? []
  return {
    respond: respond.some((response) => response.do === 'alert') ? respond : [{ do: 'alert' }, ...respond],
    hold: keys.hold ?? false,
    mode: keys.mode ?? 'live',
    suppressSeconds: keys.suppress ?? correlation?.timespanSeconds ?? 0,
    ...(keys.text && { text: namingGroups(document, keys.text, correlation?.groupBy ?? ['actor', 'ip']) }),
  }
}

/** A rule for single events has its actor as its group, or the address. */
const namingGroups = (document: RuleDocument, text: { en: string; zh: string }, groupBy: readonly string[]) => {
  for (const language of ['en', 'zh'] as const)
    for (const [whole, name] of text[language].matchAll(placeholder)) {
      const field = name!.startsWith('group.') ? name!.slice('group.'.length) : undefined
      if (field === undefined || groupBy.includes(field)) continue
      const known = groupBy.length ? `only of ${groupBy.join(', ')}` : 'of nothing'
      throw new RuleError(
        `\`${whole}\`: an alert tells the group ${known}`,
        document.line(['custodia', 'text', language]),
      )
    }
  return text
}

/** What the rule looks at once its exceptions are left out; undefined: it has none. */
export const parseExceptions = (document: RuleDocument, needField: NeedField): Expression | undefined => {
  if (document.content.custodia === undefined) return undefined
  const { exceptions } = parseSection(document, ['custodia'], Keys)
  return exceptions?.length ? outsideOf(document, exceptions, needField) : undefined
}

const whyNotHold = (correlation: Counting | undefined): string | undefined => {
  if (!correlation) return 'needs a correlation rule: a limit to hold to'
  if (correlation.condition.length !== 1 || correlation.condition[0]!.op !== 'gt')
    return 'needs a condition of exactly `gt: N`: N pass, the one after is refused'
  if (!correlation.groupBy.includes('actor')) return 'needs `actor` in `group-by`'
  return undefined
}
