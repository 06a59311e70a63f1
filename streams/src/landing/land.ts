import type { AuditStore } from '../audit-store/index.js'
import type { Sink } from '../pipeline/index.js'
import type { Row } from './rows.js'

/**
 * Inserts a range's rows, one insert a month, each under a token that names range and month: ClickHouse takes a token
 * once, so a range that is repeated after a crash adds only what had not arrived.
 */
export const landInto = (store: Pick<AuditStore, 'insert'>, table: string): Sink<Row> =>
  async function landInto(rows, { topic, partition, first, last }) {
    for (const [month, ofMonth] of Map.groupBy(rows, (row) => row.month)) {
      const lines = ofMonth.map((row) => row.line)
      await store.insert(table, lines, { token: `${topic}/${partition}/${first}-${last}/${month}` })
    }
  }
