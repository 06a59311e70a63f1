import type { Report } from '@custodia/contracts'

export type Kind = Report['kind']

/** Years of events are read for one; a page waits less. */
export const reportSeconds = 30

const served = `final_outcome in ('granted', 'allowed')`
const notServed = `final_outcome in ('refused', 'expired', 'failed')`

/** About the customer, or gave it among others: in `access_events` that would be to read every list of records. */
const ofCustomer = `id global in (select id from accesses_by_customer where customer = {customer:String}
  and time >= {from:DateTime64(3, 'UTC')} and time < {to:DateTime64(3, 'UTC')})`

/**
 * What a period, a person and a customer select, before the kind narrows it. An export is one event, its header; whose
 * records it took is in its parts, so a question about customers reads those instead.
 */
export const scopeSql = (filter: { kind: Kind; person?: string; customer?: string; withDemo: boolean }): string =>
  [
    filter.kind !== 'by_customer' && !filter.customer && `part_of = ''`,
    filter.person && `(actor = {person:String} or subject = {person:String})`,
    filter.customer && ofCustomer,
    `not ifNull(drill, false)`,
    !filter.withDemo && `ifNull(demo, false) = false`,
  ]
    .filter(Boolean)
    .join(' and ')

/** Which events a kind of report is about. */
export const kindSql: Record<Kind, string> = {
  access: '1',
  by_person: '1',
  by_customer: `(customer_id != '' or part_of != '')`,
  sign_ins: `action in ('sign_in', 'sign_out', 'factor_change')`,
  anomalies: '1', // the alerts of the period; the log range is all that was judged
}

const period = `accesses_between(from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')})`

export const totalsSql = (where: string): string => `
  select count() as events, countIf(${served}) as granted, countIf(${notServed}) as refused,
    uniqExactIf(actor, actor not in ('', 'system')) as people, uniqExactIf(customer_id, customer_id != '') as customers
  from ${period} where ${where}`

export const coversSql = (where: string): string => `
  select log_partition as partition, min(log_offset) as from_offset, max(log_offset) as to_offset
  from ${period} where ${where} group by log_partition order by log_partition`

export const perDaySql = (where: string): string => `
  select toString(toDate(time, {time_zone:String})) as day, countIf(${served}) as granted, countIf(${notServed}) as refused
  from ${period} where ${where} group by day order by day`

/** One row a person or customer, busiest first. */
export const rowsSql = (key: 'actor' | 'customer_id', where: string): string => `
  select ${key === 'actor' ? 'actor' : `arrayJoin(if(part_of = '', [customer_id], record_ids))`} as key, count() as total, countIf(${served}) as granted, countIf(${notServed}) as refused,
    uniqExactIf(customer_id, customer_id != '') as customers, min(time) as first, max(time) as last
  from ${period} where ${where} and ${key === 'actor' ? `actor != ''` : '1'} group by key order by total desc, key limit 10000`

export const alertsSql = (filter: { person?: string; withDemo: boolean }): string => `
  select id, title, actor, value, time from alerts final
  where time >= {from:DateTime64(3, 'UTC')} and time < {to:DateTime64(3, 'UTC')} ${filter.person ? 'and actor = {person:String}' : ''}
    and not ifNull(drill, false) ${filter.withDemo ? '' : 'and ifNull(demo, false) = false'}
  order by time limit 10000`

export const eventColumns = `id, v, time, source, actor, actor_role, team, branch, action, outcome, reason, subject, customer_id, record_id, fields, count, bytes,
  purpose, ip, country, city, device, session, factor, off_hours, workday, new_device, final_outcome, verdict_rule`

/** Events in order of time, from just after the last one read. */
export const eventsSql = (where: string): string => `
  select ${eventColumns} from ${period}
  where ${where} and (time, id) > ({after_time:DateTime64(3, 'UTC')}, {after_id:String}) order by time, id limit {limit:UInt32}`
