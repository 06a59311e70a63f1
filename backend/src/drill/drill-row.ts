import type { Drill } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Queries } from '../record-store/record-store.js'
import { drills } from '../record-store/schema.js'

export type DrillRow = typeof drills.$inferSelect

/** The row that a gateway takes up; undefined while there is another one. */
export async function askForDrill(tx: Queries, by: string): Promise<DrillRow | undefined> {
  const [row] = await tx.insert(drills).values({ id: uuidv7(), by }).onConflictDoNothing().returning()
  return row
}

export async function findDrill(tx: Queries, id: string): Promise<DrillRow | undefined> {
  const [row] = await tx.select().from(drills).where(eq(drills.id, id))
  return row
}

export const asDrill = (row: DrillRow, byName?: string): Drill => ({
  id: row.id,
  state: row.state,
  by: row.by,
  by_name: byName,
  asked_at: row.askedAt.toISOString(),
  started_at: row.startedAt?.toISOString(),
  finished_at: row.finishedAt?.toISOString(),
  result: row.result ?? undefined,
  problem: row.problem ?? undefined,
})
