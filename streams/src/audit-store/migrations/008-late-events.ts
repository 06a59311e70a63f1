import { createTable, type Change, type Table } from '../schema/changes.js'
import { byReceipt } from './003-by-receipt.js'

const zstd = 'CODEC(ZSTD(1))'

/** Where an event was judged that came late to its key. Marked again after a crash it is the same row. */
const lateEvents: Table = {
  name: 'late_events',
  columns: {
    event_id: `String ${zstd}`,
    key: `String ${zstd}`,
    time: `DateTime64(3, 'UTC')`,
    judged_at: `DateTime64(3, 'UTC')`,
    after: `String ${zstd}`,
    offset: 'UInt64',
    log_partition: 'UInt16',
    log_offset: 'UInt64',
    appended_at: `DateTime64(3, 'UTC')`,
    raw: 'String CODEC(ZSTD(3))',
  },
  engine: 'ReplacingMergeTree',
  partition: byReceipt.partition,
  order: '(time, event_id, key)',
  settings: byReceipt.settings,
}

export const lateEventChanges: readonly Change[] = [createTable(lateEvents)]
