import { Severity } from '@custodia/contracts'
import { z } from 'zod'
import { metadata, Name, Shown, Uuid } from './metadata.js'
import type { RuleDocument } from './nodes.js'
import { missing, reasonOf, schemaSays } from './reason.js'
import { asOne, RuleError } from './rule-error.js'

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

const Logsource = z
  .looseObject({
    category: optional(z.string()),
    product: optional(z.string()),
    service: optional(z.string()),
  })
  .refine(
    ({ category, product, service }) => category ?? product ?? service,
    schemaSays('needs a category, a product or a service'),
  )

/** Keys that every kind of document has. Others are the author's business and pass unread. */
const Head = z.looseObject({
  title: Shown.min(1).max(256),
  name: optional(Name),
  id: optional(Uuid),
  status: optional(z.enum(['stable', 'test', 'experimental', 'deprecated', 'unsupported'])),
  level: optional(Severity),
  ...metadata,
})

/** The schema of correlations lets a text stand where that of rules wants a list of them. */
const CorrelationHead = Head.extend({ falsepositives: z.union([z.string(), Head.shape.falsepositives]) })

export type Logsource = { category?: string; product?: string; service?: string }
export interface RuleHead {
  title: string
  name?: string
  id?: string
  level?: Severity
}

/** Parses a part of a document by a schema; whatever is wrong becomes a problem at its line. */
export const parseSection = <T extends z.ZodType>(document: RuleDocument, path: string[], schema: T): z.infer<T> => {
  const section = path.reduce<unknown>(
    (at, key) => (at as Record<string, unknown> | undefined)?.[key],
    document.content,
  )
  const result = schema.safeParse(section)
  if (result.success) return result.data
  const isMissing = (issue: z.core.$ZodIssue, at: readonly PropertyKey[]): boolean =>
    section === undefined || (issue.code === 'invalid_type' && document.node(at) === undefined)
  const places = result.error.issues.flatMap((issue) =>
    (issue.code === 'unrecognized_keys' ? issue.keys : [undefined]).map((key) => ({
      issue,
      at: [...path, ...issue.path, ...(key === undefined ? [] : [key])],
    })),
  )
  // what a whole lacks is only known when nothing is wrong with its parts
  const told = places.filter(
    ({ at }, i) =>
      places.findIndex((other) => `${other.at}` === `${at}`) === i &&
      !places.some((other) => `${other.at}`.startsWith(`${at},`)),
  )
  throw asOne(
    told.map(({ issue, at }) => {
      const { en, zh } = isMissing(issue, at) ? missing : reasonOf(issue)
      const where = at.join('.')
      const said =
        where === '' ? { en: `this ${en}`, zh: `此处${zh}` } : { en: `\`${where}\`: ${en}`, zh: `\`${where}\`：${zh}` }
      return new RuleError(said, document.line(at))
    }),
  )
}

/** What Sigma 1 did with the other documents of a file. Read without it, a rule would be another than its author meant. */
const collections: ReadonlySet<string> = new Set(['global', 'repeat', 'reset'])

export const parseHead = (document: RuleDocument): RuleHead => {
  const { action } = document.content
  if (typeof action === 'string' && collections.has(action))
    throw new RuleError(
      {
        en: `\`action: ${action}\` is obsolete: write each rule out`,
        zh: `\`action: ${action}\` 已废弃：请把规则逐条写出`,
      },
      document.line(['action']),
    )
  const { title, name, id, level } = parseSection(
    document,
    [],
    'correlation' in document.content ? CorrelationHead : Head,
  )
  return { title, ...(name && { name }), ...(id && { id }), ...(level && { level }) }
}

/** A line of its file for each; of what is not written, that of what it would stand in. */
export type RuleLines = Readonly<Record<'groupBy' | 'condition' | 'rules' | 'hold', number | undefined>>

export const linesOf = (document: RuleDocument): RuleLines => ({
  groupBy: document.line(['correlation', 'group-by']),
  condition: document.line(['correlation', 'condition']),
  rules: document.line(['correlation', 'rules']),
  hold: document.line(['custodia', 'hold']),
})

export const parseLogsource = (document: RuleDocument): Logsource => {
  const { category, product, service } = parseSection(document, ['logsource'], Logsource)
  return { ...(category && { category }), ...(product && { product }), ...(service && { service }) }
}

/** Whether everything that `wide` asks for holds of `narrow`: `product: windows` covers any category of windows. */
export const coversLogsource = (wide: Logsource, narrow: Logsource): boolean =>
  (['category', 'product', 'service'] as const).every(
    (key) => wide[key] === undefined || wide[key].toLowerCase() === narrow[key]?.toLowerCase(),
  )
