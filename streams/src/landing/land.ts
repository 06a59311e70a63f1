import type { AuditStore } from '../audit-store/index.js'
import type { Sink } from '../pipeline/index.js'
import { mondayOf, type Row } from './rows.js'

/**
 * Inserts a range's rows, one insert a week of receipt, each under a token that names range and week: ClickHouse takes a token
 * once, so a range that is repeated after a crash adds only what had not arrived.
 */
export const landInto = (store: Pick<AuditStore, 'insert'>, table: string): Sink<Row> =>
  async function landInto(rows, { topic, partition, first, last }) {
    for (const [week, ofWeek] of Map.groupBy(rows, (row) => row.week)) {
      const lines = ofWeek.map((row) => row.line)
      await store.insert(table, lines, { token: `${topic}/${partition}/${first}-${last}/${mondayOf(week)}` })
    }
  }
