import type { AuditStore } from '../../audit-store/index.js'
import { alertId, type Hash } from '../decide/index.js'
import type { Rule } from '../sigma/index.js'
import type { Statement } from '../sql/index.js'
import type { PastAlert, Period } from './replay.js'

interface AlertRow {
  group_by: string[]
  group_values: string[]
  at: string
  event_id: string
  value: number
  /** how often the group fired in the period */
  firings: number
  unsure: boolean | 0 | 1
}

export interface SqlAnswer {
  alerts: PastAlert[]
  /** groups whose suppression at the beginning of the period cannot be told from what was read */
  unsure: number
}

export interface Reading extends Period {
  start: number
  /** nothing came before `start` */
  whole: boolean
}

const dateTime = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ')

/** A rule's alerts in a period, by its statement. */
export const askSql = async (
  store: AuditStore,
  rule: Rule,
  { sql }: Statement,
  { start, from, to, whole }: Reading,
  hash: Hash,
  options: { maxSeconds?: number; limit?: number } = {},
): Promise<SqlAnswer> => {
  const params = { start: dateTime(start), from: dateTime(from), to: dateTime(to), whole }
  const limited = options.limit === undefined ? sql : `${sql}\nLIMIT ${options.limit}`
  const rows = await store.query<AlertRow>(limited, params, options)
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
