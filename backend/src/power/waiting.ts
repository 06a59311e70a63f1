import { and, count, eq, gt, ne, sql } from 'drizzle-orm'
import type { Queries } from '../record-store/record-store.js'
import { lapseDays } from '../record-store/recovery-row.js'
import { powerChanges } from '../record-store/schema.js'

/** Not ended, and not forgotten. */
export const waits = and(
  eq(powerChanges.state, 'waiting'),
  gt(sql`coalesce(${powerChanges.dueAt}, ${powerChanges.askedAt}) + make_interval(days => ${lapseDays})`, sql`now()`),
)

/** What others want, and this person may say no to. */
export async function countPowerWaiting(db: Queries, id: string): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(powerChanges)
    .where(and(waits, ne(powerChanges.askedBy, id)))
  return row?.n ?? 0
}
