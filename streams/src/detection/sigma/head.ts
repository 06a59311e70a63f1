import { Severity } from '@custodia/contracts'
import { z } from 'zod'
import { metadata, Uuid } from './metadata.js'
import type { RuleDocument } from './nodes.js'
import { reasonOf } from './reason.js'
import { RuleError } from './rule-error.js'

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

const Logsource = z
  .looseObject({
    category: optional(z.string()),
    product: optional(z.string()),
    service: optional(z.string()),
  })
  .refine(
    ({ category, product, service }) => category ?? product ?? service,
    'needs a category, a product or a service',
  )

/** Keys that every kind of document has. Others are the author's business and pass unread. */
const Head = z.looseObject({
  title: z.string().min(1).max(256),
  name: optional(z.string().min(1)),
  id: optional(Uuid),
  status: optional(z.enum(['stable', 'test', 'experimental', 'deprecated', 'unsupported'])),
  level: optional(Severity),
  ...metadata,
})

export type Logsource = { category?: string; product?: string; service?: string }
export interface RuleHead {
  title: string
  name?: string
  id?: string
  level?: Severity
}

/** Parses a part of a document by a schema; the first thing wrong becomes a problem at its line. */
export const parseSection = <T extends z.ZodType>(document: RuleDocument, path: string[], schema: T): z.infer<T> => {
  const section = path.reduce<unknown>(
    (at, key) => (at as Record<string, unknown> | undefined)?.[key],
    document.content,
  )
  const result = schema.safeParse(section)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const at = [...path, ...issue.path, ...(unknownKey === undefined ? [] : [unknownKey])]
  const where = at.join('.')
  const missing = section === undefined || (issue.code === 'invalid_type' && document.node(at) === undefined)
  const reason = missing ? 'is missing' : reasonOf(issue)
  throw new RuleError(where === '' ? `this ${reason}` : `\`${where}\`: ${reason}`, document.line(at))
}

export const parseHead = (document: RuleDocument): RuleHead => {
  if ('action' in document.content && !('title' in document.content))
    throw new RuleError('`action: global` is obsolete: write the rules out', document.line(['action']))
  const { title, name, id, level } = parseSection(document, [], Head)
  return { title, ...(name && { name }), ...(id && { id }), ...(level && { level }) }
}

export const parseLogsource = (document: RuleDocument): Logsource => {
  const { category, product, service } = parseSection(document, ['logsource'], Logsource)
  return { ...(category && { category }), ...(product && { product }), ...(service && { service }) }
}

/** Whether everything that `wide` asks for holds of `narrow`: `product: windows` covers any category of windows. */
export const coversLogsource = (wide: Logsource, narrow: Logsource): boolean =>
  (['category', 'product', 'service'] as const).every(
    (key) => wide[key] === undefined || wide[key].toLowerCase() === narrow[key]?.toLowerCase(),
  )
