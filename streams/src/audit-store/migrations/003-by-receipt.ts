import { createMaterializedView, dropView, type Change, type Table } from '../schema/changes.js'
import { rebuildTable } from '../schema/rebuild.js'
import { accessEvents as accessEvents1, alerts as alerts1, verdicts as verdicts1 } from './001-tables.js'

/**
 * Rows lie by the week of their receipt: retention counts from there and drops whole parts, at most a week late, instead of
 * writing what is left of them anew; an import of old events fills one partition and not one for each of its months.
 */
export const byReceipt = {
  partition: 'toMonday(appended_at)',
  settings: 'ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1',
}
const bloom = (column: string): string => `${column} TYPE bloom_filter GRANULARITY 1`

/** Texts that have no codec of their own. */
const compressed = (columns: Table['columns']): Table['columns'] =>
  Object.fromEntries(
    Object.entries(columns).map(([name, type]) => [
      name,
      /^(String|Array\(.*String\)*)$/.test(type) ? `${type} CODEC(ZSTD(1))` : type,
    ]),
  )
const withRaw = (columns: Table['columns']): Table['columns'] => ({ ...columns, raw: 'String CODEC(ZSTD(3))' })

/**
 * The key has the hour and not the time: ClickHouse matches a condition on `time` with a key column of that very name, and
 * would then pass over the hours that come before it. Our ids are UUIDv7, so that within an hour they are in order of time.
 */
export const accessEvents: Table = {
  ...accessEvents1,
  ...byReceipt,
  columns: withRaw(compressed(accessEvents1.columns)),
  indexes: { ...accessEvents1.indexes, by_subject: bloom('subject'), by_record: bloom('record_ids') },
  order: '(toStartOfHour(time), actor, id)',
}

export const verdicts: Table = { ...verdicts1, ...byReceipt, columns: withRaw(compressed(verdicts1.columns)) }

const alerts: Table = { ...alerts1, ...byReceipt, columns: withRaw(compressed(alerts1.columns)) }

/** For the live chart: what people did. The system's own accesses and the parts of an export are nobody's. */
const minutesView = {
  name: 'accesses_per_minute_mv',
  from: 'access_events',
  to: 'accesses_per_minute',
  select: (events: string) => `SELECT toStartOfMinute(time) AS minute, source, action, outcome, count() AS accesses
  FROM ${events} WHERE part_of = '' AND actor != 'system' GROUP BY minute, source, action, outcome`,
}

export const byReceiptChanges: readonly Change[] = [
  dropView('accesses_per_minute_mv'), // what is copied was counted when it came
  ...[accessEvents, verdicts, alerts].map(rebuildTable),
  createMaterializedView(minutesView),
]
