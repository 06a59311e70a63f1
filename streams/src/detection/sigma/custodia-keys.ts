import { Response } from '@custodia/contracts'
import { z } from 'zod'
import { Clauses } from './clauses.js'
import { Exceptions, outsideOf } from './exceptions.js'
import type { Expression } from './expression.js'
import { parseSection } from './head.js'
import { Shown } from './metadata.js'
import type { CompileContext } from './modifiers/modifier.js'
import type { RuleDocument } from './nodes.js'
import type { CorrelationRule, CustodiaKeys } from './rule.js'
import { responses, schemaSays } from './reason.js'
import { RuleError } from './rule-error.js'
import type { Said } from './said.js'
import { parseTimespan } from './timespan.js'

const Duration = z
  .string(schemaSays('is a duration like 10m or 1h'))
  .transform((text) => parseTimespan(text))
  .refine((seconds) => seconds !== undefined, schemaSays('is a duration like 10m or 1h'))
  .transform((seconds) => seconds!)

const timed = ['step_up', 'throttle', 'mask', 'block', 'freeze'] as const
const Timed = z
  .partialRecord(
    z.enum(timed),
    Duration.refine((seconds) => seconds > 0, schemaSays('must be longer than nothing')),
  )
  .refine((map) => Object.keys(map).length === 1, schemaSays('each response is an entry of its own'))
  .transform((map): Response => {
    const [[name, seconds]] = Object.entries(map) as [[(typeof timed)[number], number]]
    return { do: name, for_seconds: seconds }
  })
const Respond = z
  .array(
    z.union([Response.shape.do.transform((name): Response => ({ do: name })), Timed], {
      error: schemaSays(responses),
    }),
  )
  .refine(
    (list) => new Set(list.map((response) => response.do)).size === list.length,
    schemaSays('names a response twice'),
  )

const placeholder = /\{([^{}]*)\}/g
const knownPlaceholder = /^(actor|value|limit|window|group\..+)$/
const Sentence = Shown.min(1).superRefine((text, context) => {
  for (const [whole, name] of text.matchAll(placeholder))
    if (!knownPlaceholder.test(name!))
      context.addIssue({
        code: 'custom',
        message: `${whole} is not one of {actor} {value} {limit} {window} {group.<field>}`,
        params: { zh: `${whole} 不是 {actor} {value} {limit} {window} {group.<字段>} 之一` },
      })
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
    .union([Shown, z.strictObject({ en: Shown, zh: Shown })], schemaSays('is a text, or one in `en` and one in `zh`'))
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
    if (why)
      throw new RuleError({ en: `\`hold\` ${why.en}`, zh: `\`hold\` ${why.zh}` }, document.line(['custodia', 'hold']))
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
      throw new RuleError(
        {
          en: `\`${whole}\`: an alert tells the group ${groupBy.length ? `only of ${groupBy.join(', ')}` : 'of nothing'}`,
          zh: `\`${whole}\`：${groupBy.length ? `警报只说明 ${groupBy.join('、')} 的分组` : '警报没有分组可说明'}`,
        },
        document.line(['custodia', 'text', language]),
      )
    }
  return text
}

/** What the rule looks at once its exceptions are left out; undefined: it has none. */
export const parseExceptions = (document: RuleDocument, context: CompileContext): Expression | undefined => {
  if (document.content.custodia === undefined) return undefined
  const { exceptions } = parseSection(document, ['custodia'], Keys)
  return exceptions?.length ? outsideOf(document, exceptions, context) : undefined
}

const whyNotHold = (correlation: Counting | undefined): Said | undefined => {
  if (!correlation) return { en: 'needs a correlation rule: a limit to hold to', zh: '需要关联规则：要有可把守的上限' }
  if (correlation.condition.length !== 1 || correlation.condition[0]!.op !== 'gt')
    return {
      en: 'needs a condition of exactly `gt: N`: N pass, the one after is refused',
      zh: '的条件须恰为 `gt: N`：放行 N 次，其后一次拒绝',
    }
  if (!correlation.groupBy.includes('actor'))
    return { en: 'needs `actor` in `group-by`', zh: '需要 `group-by` 含 `actor`' }
  return undefined
}
