import { AccessAction, type RuleProblem } from '@custodia/contracts'
import { parse } from 'yaml'
import { z } from 'zod'

/** Fields of an access event that an outside system can fill in. */
export const mappedFields = [
  'id',
  'time',
  'actor',
  'action',
  'outcome',
  'reason',
  'customer_id',
  'record_id',
  'count',
  'bytes',
  'amount',
  'ip',
  'country',
  'city',
  'user_agent',
  'session',
  'device',
  'purpose',
  'factor',
] as const
export type MappedField = (typeof mappedFields)[number]

const path = z.string().min(1).max(100)
const Rule = z.union([
  path,
  z.strictObject({ value: z.union([z.string(), z.number()]) }),
  z.strictObject({ from: path, map: z.record(z.string(), z.string()).optional(), default: z.string().optional() }),
])

/** A mapping file: field of ours → where it is in theirs. docs/ingest.md has the format and an example. */
export const Mapping = z.strictObject({ fields: z.partialRecord(z.enum(mappedFields), Rule) })
export type Mapping = z.infer<typeof Mapping>

/** Theirs are named like ours: what holds without a mapping. */
export const identityMapping: Mapping = { fields: Object.fromEntries(mappedFields.map((field) => [field, field])) }

/** Reads a mapping file; problems name the place, never the contents of events. */
export function readMapping(text: string): { mapping: Mapping } | { problem: Pick<RuleProblem, 'reason'> } {
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    return { problem: { reason: error instanceof Error ? error.message : String(error) } }
  }
  const parsed = Mapping.safeParse(document)
  if (!parsed.success)
    return { problem: { reason: parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ') } }
  const { action } = parsed.data.fields
  const unknown = actionsOf(action).find((name) => !AccessAction.safeParse(name).success)
  return unknown ? { problem: { reason: `fields.action: ${unknown} is not an action` } } : { mapping: parsed.data }
}

const actionsOf = (rule: z.infer<typeof Rule> | undefined): string[] => {
  if (rule === undefined || typeof rule === 'string') return []
  if ('value' in rule) return [String(rule.value)]
  return [...Object.values(rule.map ?? {}), ...(rule.default === undefined ? [] : [rule.default])]
}

/** Applies a mapping to one of their events. Values keep their type; absent and null stay absent. */
export function applyMapping(
  { fields }: Mapping,
  theirs: Record<string, unknown>,
): Partial<Record<MappedField, unknown>> {
  const ours: Partial<Record<MappedField, unknown>> = {}
  for (const [field, rule] of Object.entries(fields) as [MappedField, z.infer<typeof Rule>][]) {
    const value = valueOf(rule, theirs)
    if (value !== undefined && value !== null && value !== '') ours[field] = value
  }
  return ours
}

const valueOf = (rule: z.infer<typeof Rule>, theirs: Record<string, unknown>): unknown => {
  if (typeof rule === 'string') return at(theirs, rule)
  if ('value' in rule) return rule.value
  const value = at(theirs, rule.from)
  if (!rule.map) return value ?? rule.default
  return (value === undefined || value === null ? undefined : ownValue(rule.map, String(value))) ?? rule.default
}

const at = (object: Record<string, unknown>, dotted: string): unknown =>
  dotted.split('.').reduce<unknown>((value, key) => (isRecord(value) ? ownValue(value, key) : undefined), object)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Never what the prototype has. */
const ownValue = <V>(record: Record<string, V>, key: string): V | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined
