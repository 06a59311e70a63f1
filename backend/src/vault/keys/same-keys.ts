import { eq } from 'drizzle-orm'
import type { RecordStore } from '../../record-store/record-store.js'
import { settings } from '../../record-store/schema.js'
import type { KeyProvider } from './key-provider.js'

const key = 'key-id'

/** Refuses to go on with other keys than those the records were sealed with: a lost key file must not be replaced in silence. */
export async function requireSameKeys(store: RecordStore, keys: KeyProvider): Promise<void> {
  const check = keys.hmacKey('installation').toString('hex')
  await store.db.insert(settings).values({ key, value: check }).onConflictDoNothing()
  const [known] = await store.db.select().from(settings).where(eq(settings.key, key))
  if (known?.value !== check)
    throw new Error(
      'The key file does not belong to these records: restore the key file that was in the data directory.',
    )
}
