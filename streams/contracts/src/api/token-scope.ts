import { z } from 'zod'

/**
 * What an API token can be given. All but `scim` are called like the permission they pass on, and none passes on more than its
 * owner may at that moment. What is not here no token does: one's own factors and tokens, accounts, freezes, tokens of sources.
 */
export const TokenScope = z.enum([
  'customer.search',
  'customer.view',
  'customer.create',
  'customer.update',
  'customer.reveal', // plain values
  'customer.export', // plain values, many
  'customer.accesses',
  'consent.record',
  'transaction.view',
  'transaction.create',
  'photo.thumbnail',
  'photo.view',
  'photo.download',
  'photo.upload',
  'alert.read',
  'event.read',
  'live.read',
  'rule.read',
  'person.read',
  'report.read',
  'notice.read',
  'drill.read',
  'scim', // people who join and leave, told by the system that knows; an administrator's token
])
export type TokenScope = z.infer<typeof TokenScope>
