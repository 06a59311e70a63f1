import type { AlertWithTriage } from '@custodia/contracts'

type Facts = Pick<AlertWithTriage, 'rule' | 'counted' | 'action' | 'value' | 'limit' | 'held' | 'context'>

/** Ways of counting that have words of their own; every other rule speaks in its own text. */
const deeds = {
  'value_count customer_id photo_view': 'photos_of_customers',
  'value_count customer_id photo_download': 'downloads_of_customers',
  'value_count customer_id reveal': 'revealed',
  'value_count customer_id view': 'customers',
  'event_count  photo_view': 'photos',
  'event_count  photo_download': 'downloads',
  'event_count  export': 'exports',
  'value_sum count export': 'rows',
} as const
export type Deed = (typeof deeds)[keyof typeof deeds]

export const deedOf = ({ counted, action }: Pick<Facts, 'counted' | 'action'>): Deed | undefined => {
  const key = `${counted?.type ?? ''} ${counted?.fields.join(',') ?? ''} ${action ?? ''}`
  return Object.hasOwn(deeds, key) ? deeds[key as keyof typeof deeds] : undefined
}

/**
 * How much was done: what was served, once that is known. Until then: what a rule that holds lets through is one fewer than
 * what fired it; of a sum only the limit is certain.
 */
export const doneOf = ({ counted, value, limit, held, context }: Facts): number | undefined => {
  if (context?.served !== undefined) return context.served
  if (!held) return value
  return counted?.type === 'value_sum' ? limit : value - 1
}

/** Of what a rule that holds let pass, how much reached nobody, as where a verdict came too late; it counts all the same. */
export const unservedOf = ({ counted, value, held, context }: Facts): number =>
  held && context?.served !== undefined && counted?.type !== 'value_sum' ? Math.max(0, value - 1 - context.served) : 0
