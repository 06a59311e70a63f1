import type { AuditStore, QueryOptions } from '../../audit-store/index.js'
import { alertId, type Hash } from '../decide/index.js'
import type { Rule } from '../sigma/index.js'
import type { GroupEnd, Statement } from '../sql/index.js'
import { type Answer, dateTime, type PastAlert, type Reading } from './reading.js'
import { eachStretch } from './stretches.js'
import { Suppressed } from './suppressed.js'
import { tooManyAlerts } from './too-large.js'

interface AlertRow extends GroupEnd {
  group_by: string[]
  group_values: string[]
  at: string
  event_id: string
  value: number
  unsure: boolean | 0 | 1
}

export interface AskOptions {
  /** where one statement ends and the next begins: nowhere, when there are none */
  ends?: readonly number[]
  /** no more alerts than this */
  most?: number
  /** of each statement */
  bounds?: () => QueryOptions
}

/** Bytes that one statement may take on a server; the embedded engine has the same bound. */
const MEMORY = 2 * 1024 ** 3
/** What is far enough from a reading that has everything. */
const BEFORE_ALL = Date.UTC(1900, 0, 1)

/** A rule's alerts in a period, by its statement: in stretches, each carrying on where the one before it ended. */
export const askSql = async (
  store: AuditStore,
  rule: Rule,
  { after, lookbackMs }: Statement,
  reading: Reading,
  hash: Hash,
  { ends = [], most = Infinity, bounds = () => ({}) }: AskOptions = {},
): Promise<Answer> => {
  const alerts: PastAlert[] = []
  const unsure = new Set<string>()
  const suppressed = new Suppressed(rule.custodia.suppressSeconds * 1000)
  const unknownBefore = reading.whole ? BEFORE_ALL : reading.start + lookbackMs
  await eachStretch(reading, lookbackMs, ends, async ({ start, since, to }) => {
    const left = most - alerts.length
    const rows = await store.query<AlertRow>(
      `${after(suppressed.at(since))}${left === Infinity ? '' : `\nLIMIT ${left + 1}`}\nSETTINGS max_memory_usage = ${MEMORY}`,
      {
        start: dateTime(start),
        since: dateTime(since),
        from: dateTime(reading.from),
        to: dateTime(to),
        unknown_before: dateTime(unknownBefore),
      },
      bounds(),
    )
    if (rows.length > left) throw tooManyAlerts(most)
    for (const row of rows) {
      if (row.event_id !== '') alerts.push(alertOf(rule, row, hash))
      if (row.unsure) unsure.add(row.key)
      suppressed.add(row)
    }
  })
  return { alerts, unsure: unsure.size }
}

const alertOf = (rule: Rule, { group_by, group_values, at, event_id, value }: AlertRow, hash: Hash): PastAlert => {
  const group = Object.fromEntries(group_by.map((name, i) => [name, group_values[i] ?? '']))
  return { id: alertId(rule.name, rule.version, group, event_id, hash), at: Date.parse(at), group, event_id, value }
}
