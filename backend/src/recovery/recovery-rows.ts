import type { Recovery } from '@custodia/contracts'
import { eq, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Queries } from '../record-store/record-store.js'
import { underWay } from '../record-store/recovery-row.js'
import { accounts, recoveries } from '../record-store/schema.js'

const nameOf = (id: AnyPgColumn) => sql<string | null>`(select p.display_name from accounts p where p.id = ${id})`

/** Resets with the person and the names of who acted; add `where` and `order by`. */
export const selectRecoveries = (tx: Queries) =>
  tx
    .select({
      recovery: recoveries,
      account: accounts,
      asker: nameOf(recoveries.askedBy),
      approver: nameOf(recoveries.approvedBy),
      ender: nameOf(recoveries.endedBy),
      underWay: sql<boolean>`${underWay}`,
    })
    .from(recoveries)
    .innerJoin(accounts, eq(accounts.id, recoveries.accountId))
    .$dynamic()

export type RecoveryRow = Awaited<ReturnType<typeof selectRecoveries>>[number]

export const namesIn = ({ account, asker: by, approver: other }: RecoveryRow) => ({
  name: account.displayName,
  by: by ?? '',
  other: other ?? '',
})

export const asRecovery = (row: RecoveryRow): Recovery => {
  const { recovery, account } = row
  const forgotten = !row.underWay && (recovery.state === 'asked' || recovery.state === 'waiting')
  return {
    id: recovery.id,
    account: account.id,
    account_name: account.displayName,
    demo: account.demo || undefined,
    state: forgotten ? 'lapsed' : recovery.state,
    reason: recovery.reason,
    asked_by: recovery.askedBy,
    asked_by_name: row.asker ?? '',
    asked_at: recovery.askedAt.toISOString(),
    approved_by: recovery.approvedBy ?? undefined,
    approved_by_name: row.approver ?? undefined,
    approved_at: recovery.approvedAt?.toISOString(),
    told: recovery.told ?? undefined,
    due_at: recovery.dueAt?.toISOString(),
    ended_at: recovery.endedAt?.toISOString(),
    ended_by_name: row.ender ?? undefined,
  }
}
