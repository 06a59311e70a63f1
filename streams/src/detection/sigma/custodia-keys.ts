import { Response } from '@custodia/contracts'
import { z } from 'zod'
import { parseSection } from './head.js'
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

/** Everything below `custodia:`. `clauses`, `runbook` and `numbers` are for people: kept in the file, not read here. */
const Keys = z.strictObject({
  respond: Respond.optional(),
  hold: z.boolean().optional(),
  mode: z.enum(['off', 'shadow', 'live']).optional(),
  suppress: Duration.optional(),
  text: z.strictObject({ en: Sentence, zh: Sentence }).optional(),
  clauses: z.array(z.string()).optional(),
  runbook: z.string().optional(),
  numbers: z.string().optional(),
})

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
    ...(keys.text && { text: keys.text }),
  }
}

const whyNotHold = (correlation: Counting | undefined): string | undefined => {
  if (!correlation) return 'needs a correlation rule: a limit to hold to'
  if (correlation.condition.length !== 1 || correlation.condition[0]!.op !== 'gt')
    return 'needs a condition of exactly `gt: N`: N pass, the one after is refused'
  if (!correlation.groupBy.includes('actor')) return 'needs `actor` in `group-by`'
  return undefined
}
