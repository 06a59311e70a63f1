import { and, desc, eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { RecordStore } from '../record-store/record-store.js'
import { backupRuns } from '../record-store/schema.js'

export type Run = typeof backupRuns.$inferSelect
export type RunKind = Run['kind']
export type Counts = Record<string, number>

/** What is written down of every backup, drill and restore. */
export class Runs {
  constructor(private readonly store: RecordStore) {}

  async begin(run: Pick<Run, 'kind' | 'backup' | 'target' | 'by' | 'startedAt'>): Promise<string> {
    const id = uuidv7()
    await this.store.db.insert(backupRuns).values({ id, ...run })
    return id
  }

  async end(
    id: string,
    end: Pick<Run, 'state' | 'finishedAt'> & Partial<Pick<Run, 'counts' | 'problem'>>,
  ): Promise<void> {
    await this.store.db.update(backupRuns).set(end).where(eq(backupRuns.id, id))
  }

  /** Those that nobody ended: their process was killed. Only who holds the lock knows that none of them is running. */
  async endLost(kind: RunKind, finishedAt: Date): Promise<void> {
    await this.store.db
      .update(backupRuns)
      .set({ state: 'failed', finishedAt, problem: 'its process ended before it did' })
      .where(and(eq(backupRuns.kind, kind), eq(backupRuns.state, 'running')))
  }

  async newest(kind: RunKind, state?: Run['state']): Promise<Run | undefined> {
    const [run] = await this.store.db
      .select()
      .from(backupRuns)
      .where(and(eq(backupRuns.kind, kind), state && eq(backupRuns.state, state)))
      .orderBy(desc(backupRuns.startedAt))
      .limit(1)
    return run
  }
}
