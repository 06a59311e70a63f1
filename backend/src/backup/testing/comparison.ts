import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { PhotoStore } from '../../photo-store/photo-store.js'
import type { RecordStore } from '../../record-store/record-store.js'

/** Columns of alerts that the system goes on filling in by itself, before and after. */
const lookedUp = '{context,context_due}'

/** One line for every row of every table, each with its table: what a backup must bring back. */
export async function rowsOf(store: RecordStore): Promise<Map<string, Set<string>>> {
  return store.session(async (session) => {
    const tables = await session.query<{ table: string }>(
      `select relname as table from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    )
    const all = new Map<string, Set<string>>()
    for (const { table } of tables) {
      const rows = await session.query<{ row: string }>(
        `select (to_jsonb(t) - '${lookedUp}'::text[])::text as row from "${table}" t`,
      )
      all.set(table, new Set(rows.map(({ row }) => row)))
    }
    return all
  })
}

/** The hash of every sealed object that a row names. */
export async function objectsOf(store: RecordStore, photos: PhotoStore): Promise<Map<string, string>> {
  const rows = await store.session((session) =>
    session.query<{ object_key: string; thumbnail_key: string }>('select object_key, thumbnail_key from photos'),
  )
  const hashes = new Map<string, string>()
  for (const { object_key, thumbnail_key } of rows)
    for (const key of [object_key, thumbnail_key])
      hashes.set(
        key,
        createHash('sha256')
          .update(await buffer((await photos.get(key)).stream))
          .digest('hex'),
      )
  return hashes
}

/** Rows of `before` that are not in `after`, by table; tables where none is missing are left out. */
export function missing(before: Map<string, Set<string>>, after: Map<string, Set<string>>): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const [table, rows] of before) {
    const gone = [...rows].filter((row) => !after.get(table)?.has(row))
    if (gone.length > 0) found[table] = gone
  }
  return found
}
