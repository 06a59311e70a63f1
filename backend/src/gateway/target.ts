import type { RouteSpec } from '@custodia/contracts'
import type { AccessFacts } from '../capture/capture.service.js'

/** What the id in an address names, by the first word of the path; elsewhere it is a record of its own. */
const named: Record<string, 'customer_id' | 'subject'> = {
  customers: 'customer_id',
  people: 'subject',
  accounts: 'subject',
  scim: 'subject',
}
/** Our own ids are UUIDs and hashes. What else is typed into an address may be a value, and is not written down. */
export const isOurId = (id: unknown): id is string => typeof id === 'string' && /^[0-9a-f-]{32,64}$/i.test(id)

/** What a request is aimed at, before anything was looked up: whoever is refused at the door was after something. */
export function targetOf(route: RouteSpec, params: unknown): AccessFacts {
  const id = (params as { id?: unknown } | undefined)?.id
  if (!isOurId(id)) return {}
  return { [named[route.path.split('/')[1] ?? ''] ?? 'record_id']: id }
}
