import type { PowerChange } from '@custodia/contracts'
import { eq, gte, isNull, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Queries } from '../record-store/record-store.js'
import { accounts, freezes, powerChanges } from '../record-store/schema.js'
import { waits } from './waiting.js'

const askers = alias(accounts, 'askers')
const enders = alias(accounts, 'enders')

/** Like an approval: whoever was frozen at any moment since they asked gets nothing any more. */
const frozenSince = sql<boolean>`exists (${sql`select 1 from ${freezes} where ${freezes.accountId} = ${powerChanges.askedBy} and ${or(isNull(freezes.liftedAt), gte(freezes.liftedAt, powerChanges.askedAt))}`})`

/** Changes of power with the names of their people; add `where` and `order by`. */
export const selectPowerChanges = (tx: Queries) =>
  tx
    .select({
      change: powerChanges,
      asker: { id: askers.id, name: askers.displayName, demo: askers.demo },
      ender: enders.displayName,
      account: accounts.displayName,
      waits: sql<boolean>`${waits}`,
      frozenSince,
    })
    .from(powerChanges)
    .leftJoin(askers, eq(askers.id, powerChanges.askedBy))
    .leftJoin(enders, eq(enders.id, powerChanges.endedBy))
    .leftJoin(accounts, eq(accounts.id, powerChanges.target))
    .$dynamic()

export type PowerRow = Awaited<ReturnType<typeof selectPowerChanges>>[number]

export const asPowerChange = ({ change, asker, ender, account, waits: stillWaits }: PowerRow): PowerChange => ({
  id: change.id,
  kind: change.kind,
  policy: change.policy?.settings,
  opens: change.opens,
  account: change.kind === 'administrator' ? change.target : undefined,
  account_name: account ?? undefined,
  state: change.state === 'waiting' && !stillWaits ? 'lapsed' : change.state,
  reason: change.reason,
  asked_by: change.askedBy,
  asked_by_name: asker?.name ?? '',
  demo: asker?.demo || undefined,
  asked_at: change.askedAt.toISOString(),
  due_at: change.dueAt?.toISOString(),
  ended_at: change.endedAt?.toISOString(),
  ended_by_name: ender ?? undefined,
})
