import { addColumns, type Change } from '../schema/changes.js'

const table = 'late_events'

/**
 * An id that is sent again when it is not known any more is another event, late for itself: marks are told apart by receipt.
 * The sorting key takes a column only with the change that adds it.
 */
const sorted: Change = ({ stored, onCluster }) => [
  {
    sql: `ALTER TABLE ${stored(table)}${onCluster} ADD COLUMN received_at DateTime64(3, 'UTC'), MODIFY ORDER BY (time, event_id, key, received_at)`,
    unless: `SELECT 1 FROM system.columns WHERE database = currentDatabase() AND table = '${stored(table)}' AND name = 'received_at'`,
  },
]

export const lateReceipts: readonly Change[] = [
  sorted,
  addColumns(table, { received_at: `DateTime64(3, 'UTC')`, passed_over: 'Array(LowCardinality(String))' }),
]
