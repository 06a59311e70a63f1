import type { AuditStore, QueryCost } from '../../audit-store/index.js'
import { alertId, type Hash } from '../decide/index.js'
import type { Rule } from '../sigma/index.js'
import type { Statement } from '../sql/index.js'
import type { Answer, PastAlert, Reading } from './reading.js'

interface AlertRow {
  group_by: string[]
  group_values: string[]
  at: string
  event_id: string
  value: number
  unsure: boolean | 0 | 1
}

export interface AskOptions {
  maxSeconds?: number
  /** no more rows than this */
  limit?: number
  cost?: (cost: QueryCost) => void
}

/** Bytes that one statement may take on a server; the embedded engine has the same bound. */
const MEMORY = 2 * 1024 ** 3

const dateTime = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ')

/** The parameters of a statement about a period. */
export const periodParams = ({ start, from, to, whole }: Reading) => ({
  start: dateTime(start),
  from: dateTime(from),
  to: dateTime(to),
  whole,
})

/** A rule's alerts in a period, by its statement. */
export const askSql = async (
  store: AuditStore,
  rule: Rule,
  { sql }: Statement,
  reading: Reading,
  hash: Hash,
  { limit, ...options }: AskOptions = {},
): Promise<Answer> => {
  const rows = await store.query<AlertRow>(
    `${sql}${limit === undefined ? '' : `\nLIMIT ${limit}`}\nSETTINGS max_memory_usage = ${MEMORY}`,
    periodParams(reading),
    options,
  )
  const unsure = new Set(rows.filter((row) => row.unsure).map((row) => JSON.stringify(row.group_values)))
  return {
    alerts: rows.filter((row) => row.event_id !== '').map((row) => alertOf(rule, row, hash)),
    unsure: unsure.size,
  }
}

const alertOf = (rule: Rule, { group_by, group_values, at, event_id, value }: AlertRow, hash: Hash): PastAlert => {
  const group = Object.fromEntries(group_by.map((name, i) => [name, group_values[i] ?? '']))
  return { id: alertId(rule.name, rule.version, group, event_id, hash), at: Date.parse(at), group, event_id, value }
}
