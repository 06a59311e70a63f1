import { eventFields, type AccessAction, type EventField, type FinalOutcome } from '@custodia/contracts'

/** By any other field of an event, in the words of the address. */
export type FieldFilter = { [F in EventField]?: (typeof eventFields)[F] extends 'flag' ? 'true' | 'false' : string }

/** What the events page asks for; it lives in the address, so that a search can be shared and come back to. */
export interface EventFilter extends FieldFilter {
  actor?: string
  customer_id?: string
  action?: AccessAction
  outcome?: FinalOutcome
  ip?: string
  rule?: string
  purpose?: string
  text?: string
  alert?: string
  from?: string
  to?: string
}
const named = [
  'actor',
  'customer_id',
  'action',
  'outcome',
  'ip',
  'rule',
  'purpose',
  'text',
  'alert',
  'from',
  'to',
] as const
const instants = ['from', 'to'] as const
const fields = Object.keys(eventFields) as EventField[]

/** Whether a value is one that the field can be looked for with. */
export const canBe = (field: EventField, value: string): boolean => {
  const how = eventFields[field]
  if (how === 'flag') return value === 'true' || value === 'false'
  if (how === 'number' || how === 'least') return value.trim() !== '' && Number(value) >= 0
  return value.trim() !== ''
}

/** Only what is filled in, as plain text; a moment or number that is none is left out. */
export const filterOf = (query: Record<string, unknown>): EventFilter => {
  const given = [...named, ...fields].flatMap((key) => {
    const value = query[key]
    return typeof value === 'string' && value.trim() !== '' ? [[key, value.trim()] as const] : []
  })
  const filter: Record<string, string> = Object.fromEntries(given)
  for (const key of instants) if (filter[key] && Number.isNaN(Date.parse(filter[key]))) delete filter[key]
  for (const key of fields) if (filter[key] && !canBe(key, filter[key])) delete filter[key]
  return filter as EventFilter
}

/** A stretch that ends now: open at the end, so that a refresh shows what came since. */
export const sinceMinutes = (minutes: number, now: number): { from: string } => ({
  from: new Date(now - minutes * 60_000).toISOString(),
})
