import type { AlertChange, AlertQuery, Triage } from '@custodia/contracts'
import { loudRules } from '@custodia/contracts'
import { and, eq, isNull, lt, notInArray, or, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { readCursor } from '../gateway/page-cursor.js'
import { alertChanges, alerts, silences } from '../record-store/schema.js'

export type AlertRow = typeof alerts.$inferSelect
type ChangeRow = typeof alertChanges.$inferSelect
type Names = ReadonlyMap<string, string>

/** As isSilencedBy has it: a silence in force puts it aside. */
const silenced = and(
  notInArray(alerts.rule, [...loudRules]),
  sql`exists (select from ${silences} s where s.rule = ${alerts.rule} and s.until > now() and s.ended_at is null
    and (s.actor is null or s.actor = ${alerts.actor}) and s.owner is distinct from ${alerts.actor})`,
)

/** What stands for itself and is not silenced. */
export const onTheDesk = and(isNull(alerts.mergedInto), sql`not ${silenced}`)

export function whereAlerts(query: z.output<typeof AlertQuery>) {
  const before = query.cursor === undefined ? undefined : readCursor(query.cursor)
  return and(
    query.state ? eq(alerts.state, query.state) : undefined,
    query.actor ? eq(alerts.actor, query.actor) : undefined,
    query.assignee ? eq(alerts.assignee, query.assignee) : undefined,
    query.rule ? eq(alerts.rule, query.rule) : undefined,
    query.severity ? eq(alerts.severity, query.severity) : undefined,
    query.hidden === 'false' ? onTheDesk : undefined,
    before ? or(lt(alerts.time, before.at), and(eq(alerts.time, before.at), lt(alerts.id, before.id))) : undefined,
  )
}

/** Accounts that a row names. */
export const peopleOf = ({ by, assignee }: Pick<AlertRow, 'by' | 'assignee'>): (string | undefined)[] => [
  by ?? undefined,
  assignee ?? undefined,
]

export const triageOf = (row: AlertRow, names: Names = new Map()): Triage => ({
  alert_id: row.id,
  state: row.state,
  verdict: row.verdict ?? undefined,
  assignee: row.assignee ?? undefined,
  assignee_name: names.get(row.assignee ?? ''),
  merged_into: row.mergedInto ?? undefined,
  repeats: row.repeats || undefined,
  comments: row.comments || undefined,
  by: row.by ?? undefined,
  by_name: names.get(row.by ?? ''),
  at: row.changedAt?.toISOString(),
  version: row.version,
})

export const changeOf = (row: ChangeRow, names: Names): AlertChange => ({
  version: row.version,
  kind: row.kind,
  at: row.at.toISOString(),
  by: row.by,
  by_name: names.get(row.by),
  verdict: row.verdict ?? undefined,
  assignee: row.assignee ?? undefined,
  assignee_name: names.get(row.assignee ?? ''),
  text: row.text ?? undefined,
  count: row.count ?? undefined,
  other: row.other ?? undefined,
})
