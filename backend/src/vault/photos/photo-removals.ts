import { asc, inArray, sql } from 'drizzle-orm'
import type { PhotoStore } from '../../photo-store/photo-store.js'
import { locks } from '../../record-store/locks.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { photoRemovals } from '../../record-store/schema.js'
import type { Session } from '../../record-store/session.js'

const pageSize = 500

/** In the transaction that deletes their rows: removes objects now, or, while a backup copies photos, notes them down for later. */
export async function removeObjectsWithRows(tx: Queries, photos: PhotoStore, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  if (await mayRemove(tx)) for (const key of keys) await photos.delete(key)
  else
    await tx
      .insert(photoRemovals)
      .values(keys.map((objectKey) => ({ objectKey })))
      .onConflictDoNothing()
}

/** Removes what was noted down, unless a backup is still copying. A crash midway repeats it, which is no error. */
export async function removeNotedObjects({ db }: RecordStore, photos: PhotoStore): Promise<void> {
  for (;;) {
    const removed = await db.transaction(async (tx) => {
      if (!(await mayRemove(tx))) return 0
      const rows = await tx.select().from(photoRemovals).orderBy(asc(photoRemovals.objectKey)).limit(pageSize)
      const keys = rows.map(({ objectKey }) => objectKey)
      for (const key of keys) await photos.delete(key)
      if (keys.length > 0) await tx.delete(photoRemovals).where(inArray(photoRemovals.objectKey, keys))
      return keys.length
    })
    if (removed < pageSize) return
  }
}

/** Waits for removals that are under way; from then on objects stay, until `resumeRemovals` or the end of the session. */
export async function pauseRemovals(session: Session): Promise<void> {
  await session.query('select pg_advisory_lock($1)', [locks.photoRemovals])
}

export async function resumeRemovals(session: Session): Promise<void> {
  await session.query('select pg_advisory_unlock($1)', [locks.photoRemovals])
}

/** Held to the end of the transaction. */
async function mayRemove(tx: Queries): Promise<boolean> {
  const { rows } = await tx.execute<{ free: boolean }>(
    sql`select pg_try_advisory_xact_lock_shared(${locks.photoRemovals}) as free`,
  )
  return rows[0]?.free === true
}
