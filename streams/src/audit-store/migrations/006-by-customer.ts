import { createMaterializedView, createTable, fillFromBefore, type Change, type Table } from '../schema/changes.js'
import { byReceipt } from './003-by-receipt.js'

const zstd = 'CODEC(ZSTD(1))'

/**
 * Who looked at whom: a row for each customer of an access, with what a customer's timeline shows. A search, a list and a part
 * of an export have a row for each customer that they gave. In `access_events` a customer's rows lie everywhere; here the
 * newest of one lie together, so small granules. Read with `LIMIT 1 BY id`, or as a set: what was landed or filled twice is one.
 */
export const accessesByCustomer: Table = {
  name: 'accesses_by_customer',
  columns: {
    customer: `String ${zstd}`,
    time: `DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD)`,
    id: `String ${zstd}`,
    actor: `String ${zstd}`,
    action: 'LowCardinality(String)',
    outcome: 'LowCardinality(String)',
    reason: `String ${zstd}`,
    purpose: 'LowCardinality(String)',
    part_of: `String ${zstd}`,
    among: 'Nullable(UInt64)', // how many it gave, where that was not this customer alone
    log_partition: 'UInt16',
    appended_at: `DateTime64(3, 'UTC') CODEC(Delta, ZSTD)`,
  },
  engine: 'ReplacingMergeTree',
  partition: byReceipt.partition,
  order: '(customer, time, id)',
  settings: `${byReceipt.settings}, index_granularity = 1024`,
}

const view = {
  name: 'accesses_by_customer_mv',
  from: 'access_events',
  to: 'accesses_by_customer',
  select: (events: string) => `SELECT
    arrayJoin(arrayDistinct(arrayFilter(each -> each != '', arrayConcat([customer_id], record_ids)))) AS customer,
    time, id, actor, action, outcome, reason, purpose, part_of,
    if(customer = customer_id, NULL, ifNull(count, length(record_ids))) AS among, log_partition, appended_at
  FROM ${events}`,
}

export const byCustomerChanges: readonly Change[] = [
  createTable(accessesByCustomer),
  createMaterializedView(view), // before what is there is read, so that nothing falls between
  fillFromBefore({ ...view, columns: Object.keys(accessesByCustomer.columns) }),
]
