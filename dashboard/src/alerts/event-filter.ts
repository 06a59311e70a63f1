import type { AccessAction, FinalOutcome } from '@custodia/contracts'

/** What the events page asks for; it lives in the address, so that a search can be shared and come back to. */
export interface EventFilter {
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
const keys = [
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

/** Only what is filled in, as plain text; a moment that is none is left out. */
export const filterOf = (query: Record<string, unknown>): EventFilter => {
  const given = keys.flatMap((key) => {
    const value = query[key]
    return typeof value === 'string' && value.trim() !== '' ? [[key, value.trim()] as const] : []
  })
  const filter: Record<string, string> = Object.fromEntries(given)
  for (const key of instants) if (filter[key] && Number.isNaN(Date.parse(filter[key]))) delete filter[key]
  return filter as EventFilter
}

/** A stretch that ends now: open at the end, so that a refresh shows what came since. */
export const sinceMinutes = (minutes: number, now: number): { from: string } => ({
  from: new Date(now - minutes * 60_000).toISOString(),
})
