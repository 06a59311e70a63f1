import type { AuditStore } from '../../../audit-store/index.js'
import { startEmptyAuditStore } from '../../../audit-store/testing/index.js'
import type { ReplayEvent } from '../../correlate/index.js'
import type { Rule } from '../../sigma/index.js'
import { documentHistory, toSql } from '../index.js'

export interface SqlFiring {
  event_id: string
  group: string[]
  value: number
}

const table = `CREATE TABLE docs (batch UInt32, id String, time Int64, position UInt64, doc String) ENGINE = MergeTree ORDER BY (batch, time)`

/** A ClickHouse with nothing but a table of JSON events, and rules asked of it. */
export const startDocuments = async () => {
  const audit = await startEmptyAuditStore()
  await audit.run(table)
  const { store } = audit
  let batches = 0

  /** the events of a case, under a number of their own */
  const insert = async (events: readonly ReplayEvent[]): Promise<number> => {
    const batch = ++batches
    const rows = events.map(({ id, time, event }, position) =>
      JSON.stringify({ batch, id, time: Date.parse(time), position, doc: JSON.stringify(event) }),
    )
    await store.insert('docs', rows, { token: String(batch) })
    return batch
  }

  /** every firing of a rule, or why it is not SQL */
  const firings = async (rule: Rule, rules: readonly Rule[], batch: number): Promise<SqlFiring[] | string> => {
    const unsuppressed: Rule = { ...rule, custodia: { ...rule.custodia, suppressSeconds: 0 } }
    const all = rules.map((one) => (one === rule ? unsuppressed : one))
    const history = documentHistory(`(SELECT id, time, position, doc FROM docs WHERE batch = ${batch})`)
    const statement = toSql(unsuppressed, all, history)
    return 'unsupported' in statement ? statement.unsupported : ask(store, statement.sql, batch)
  }
  return { insert, firings, stop: audit.stop }
}

const ask = async (store: AuditStore, sql: string, batch: number): Promise<SqlFiring[]> => {
  const [first] = await store.query<{ start: string }>(
    `SELECT toString(fromUnixTimestamp64Milli(min(time), 'UTC')) AS start FROM docs WHERE batch = ${batch}`,
  )
  const start = first?.start
  const params = { start, since: start, from: start, to: '2100-01-01 00:00:00.000', unknown_before: start }
  const rows = await store.query<{ event_id: string; group_values: string[]; value: number }>(sql, params)
  return rows.map(({ event_id, group_values, value }) => ({ event_id, group: group_values, value }))
}
