import { eventFields, type EventField, type EventQuery } from '@custodia/contracts'
import type { z } from 'zod'

/** What is looked for. `ids`: these events and no others. Whatever is given must hold. */
export type EventFilter = Partial<Omit<z.output<typeof EventQuery>, 'cursor' | 'limit' | 'alert'>> & {
  ids?: readonly string[]
  /** what this account did, and nothing that was done to it */
  by?: string
  /** what this account did, and what changed it; not who looked at it */
  person?: string
  actions?: readonly string[]
  /** what a rule groups by, and the values */
  group?: Partial<Record<GroupColumn, string>>
}

/** Fields that rules group by and events have a column for. */
export const groupColumns = [
  'actor',
  'ip',
  'customer_id',
  'branch',
  'team',
  'device',
  'session',
  'country',
  'source',
] as const
export type GroupColumn = (typeof groupColumns)[number]

/** A held access has its verdict under its own id, a part of an export under its header's. */
const judged = `if(part_of = '', id, part_of)`
/** Verdicts are bounded by the day in the id, which an access and its verdict share. */
const daysOf = `(event_day = toDate(0) or event_day between toDate({since:DateTime64(3, 'UTC')}) - 1 and toDate({until:DateTime64(3, 'UTC')}) + 1)`
const withVerdict = (which: string): string =>
  `(${judged} global in (select event_id from verdicts where ${which} and ${daysOf}))`
const refused = withVerdict(`verdict = 'refused'`)
const expired = withVerdict(`verdict = 'expired'`)
const any = withVerdict('true')

/** The final outcome, before it is looked up: of several verdicts the strictest counts. */
const outcomes: Record<string, string> = {
  granted: `outcome = 'granted'`,
  failed: `outcome = 'failed'`,
  refused: `(outcome = 'refused' or outcome = 'held' and ${refused})`,
  expired: `(outcome = 'held' and not ${refused} and (${expired} or not ${any}))`,
  allowed: `(outcome = 'held' and ${any} and not ${refused} and not ${expired})`,
}

const anyId = [
  'id',
  'actor',
  'subject',
  'customer_id',
  'record_id',
  'approval_id',
  'request_id',
  'session',
  'device',
  'part_of',
]

/** The SQL of each filter, with a bound parameter of its name. A customer is looked for by `placesOf`. */
const named: Record<
  Exclude<keyof EventFilter, EventField | 'from' | 'to' | 'outcome' | 'group' | 'customer_id'>,
  string
> = {
  actor: '(actor = {actor:String} or subject = {actor:String})',
  by: 'actor = {by:String}',
  person: `(actor = {person:String} or subject = {person:String}
    and action in ('freeze', 'lift', 'restrict', 'role_change', 'factor_change'))`,
  action: 'action = {action:String}',
  actions: 'action in {actions:Array(String)}',
  ip: 'ip = {ip:String}',
  purpose: 'purpose = {purpose:String}',
  rule: `(outcome = 'held' and ${withVerdict(`verdict = 'refused' and rule = {rule:String}`)}
    or action in ('freeze', 'restrict') and startsWith(reason, concat({rule:String}, ' ')))`,
  id: 'id = {id:String}',
  ids: 'id in {ids:Array(String)}',
  text: `(${anyId.map((column) => `${column} = {text:String}`).join(' or ')} or has(record_ids, {text:String}))`,
}

/** The same for a field that is looked for under its own name. An absent flag is false. */
const byKind: Record<(typeof eventFields)[EventField], (field: string) => string> = {
  text: (field) => `${field} = {${field}:String}`,
  piece: (field) => `positionCaseInsensitiveUTF8(${field}, {${field}:String}) > 0`,
  one: (field) => `has(${field}, {${field}:String})`,
  number: (field) => `${field} = {${field}:Float64}`,
  least: (field) => `${field} >= {${field}:Float64}`,
  flag: (field) => `ifNull(${field}, false) = {${field}:Bool}`,
}
const byField = Object.entries(eventFields).map(([field, how]) => [field, byKind[how](field)] as const)
const conditions = { ...named, ...(Object.fromEntries(byField) as Record<EventField, string>) }

/** A stretch of time. */
export const within = `time >= {since:DateTime64(3, 'UTC')} and time < {until:DateTime64(3, 'UTC')}`

/** Filters whose columns the table by customer has as well. */
const knownByCustomer = [
  'customer_id',
  'from',
  'to',
  'action',
  'actions',
  'by',
  'purpose',
  'rule',
  'outcome',
  'id',
  'ids',
]

/** Whether it can be read where the rows of one customer lie together. */
export const isOfCustomer = (filter: EventFilter): boolean =>
  filter.customer_id !== undefined &&
  Object.entries(filter).every(([key, value]) => value === undefined || knownByCustomer.includes(key))

const ofCustomer = 'customer = {customer_id:String}'
const namesCustomer = '(customer_id = {customer_id:String} or has(record_ids, {customer_id:String}))'

/** Which rows of which table match in a stretch; values of the filters go in as parameters and never as SQL. */
export function placesOf(filter: EventFilter): { table: string; where: string[] } {
  const conditions = [within, ...conditionsOf(filter)]
  if (filter.customer_id === undefined) return { table: 'access_events', where: conditions }
  return isOfCustomer(filter)
    ? { table: 'accesses_by_customer', where: [ofCustomer, ...conditions] }
    : { table: 'access_events', where: [namesCustomer, ...conditions] }
}

function conditionsOf(filter: EventFilter): string[] {
  const given = (Object.keys(conditions) as (keyof typeof conditions)[]).filter((key) => filter[key] !== undefined)
  const outcome = filter.outcome === undefined ? [] : [outcomes[filter.outcome] ?? 'false']
  const group = groupColumns.filter((column) => filter.group?.[column] !== undefined)
  return [
    ...given.map((key) => conditions[key]),
    ...group.map((column) => `${column} = {group_${column}:String}`),
    ...outcome,
  ]
}

/** The values that those conditions name. */
export const paramsOf = ({ group = {}, ...filter }: EventFilter): Record<string, unknown> =>
  Object.fromEntries(
    [
      ...Object.entries(filter),
      ...Object.entries(group).map(([column, value]) => [`group_${column}`, value] as const),
    ].filter(([, value]) => value !== undefined),
  )

const dayMs = 86_400_000

/** When a UUIDv7 was made, in milliseconds; undefined for other ids. */
export const madeAt = (id: string): number | undefined =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id)
    ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    : undefined

/**
 * The stretch in which it can be at all. Our events happen within a day of their id; nothing names an id before it was made.
 * So an id is found without looking through everything.
 */
export function boundsOf({ from, to, id, ids, text }: EventFilter): { from: number; to: number } {
  const made = [...(ids ?? []), ...(id === undefined ? [] : [id])].map(madeAt)
  const known = made.filter((at) => at !== undefined)
  const all = known.length > 0 && known.length === made.length
  const asked = { from: from ? Date.parse(from) : -Infinity, to: to ? Date.parse(to) : Infinity }
  const named = text === undefined ? undefined : madeAt(text)
  return {
    from: Math.max(
      asked.from,
      all ? Math.min(...known) - dayMs : -Infinity,
      named === undefined ? -Infinity : named - dayMs,
    ),
    to: Math.min(asked.to, all ? Math.max(...known) + dayMs : Infinity),
  }
}
