import { z } from 'zod'
import type { AccessEvent } from '../access-event.js'

/** Fields that the search has words of its own for; `text` finds every id. */
type Named =
  | 'id'
  | 'v'
  | 'time'
  | 'actor'
  | 'subject'
  | 'customer_id'
  | 'action'
  | 'outcome'
  | 'ip'
  | 'purpose'
  | 'record_id'
  | 'record_ids'
  | 'part_of'
  | 'approval_id'
  | 'request_id'
  | 'prev'

/** How an event is found by each of its other fields: this very text, a piece of it, one of a list, this number, at least so many, yes or no. */
export const eventFields = {
  reason: 'piece',
  fields: 'one',
  moved: 'one',
  run: 'least',
  idle_days: 'least',
  canary: 'flag',
  off_hours: 'flag',
  workday: 'flag',
  new_device: 'flag',
  relation: 'piece',
  segment: 'text',
  count: 'least',
  bytes: 'least',
  amount: 'least',
  source: 'text',
  actor_role: 'text',
  branch: 'text',
  team: 'text',
  factor: 'text',
  session: 'text',
  device: 'text',
  user_agent: 'piece',
  country: 'text',
  city: 'text',
  asn: 'number',
  calendar: 'text',
  demo: 'flag',
  drill: 'flag',
  writer: 'text',
  seq: 'number',
} as const satisfies Record<Exclude<keyof AccessEvent, Named>, 'text' | 'piece' | 'one' | 'number' | 'least' | 'flag'>
export type EventField = keyof typeof eventFields

const text = z.string().min(1).max(300).optional()
const number = z.coerce.number().nonnegative().optional()
const asked = {
  text: text.describe('this very text'),
  piece: text.describe('a piece of it, large letters or small'),
  one: text.describe('one of them'),
  number: number.describe('this number'),
  least: number.describe('at least so many'),
  flag: z.enum(['true', 'false']).optional(),
} as const

type Asked = { [F in EventField]: (typeof asked)[(typeof eventFields)[F]] }
export const eventFieldQuery = Object.fromEntries(
  Object.entries(eventFields).map(([field, how]) => [field, asked[how]]),
) as Asked
