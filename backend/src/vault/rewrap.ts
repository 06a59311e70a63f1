import { buffer } from 'node:stream/consumers'
import { and, asc, eq, gt } from 'drizzle-orm'
import { contextFor as totpPlace } from '../identity/totp.service.js'
import { placeOf as channelPlace } from '../notices/mouth.js'
import { PhotoNotFound, type PhotoStore } from '../photo-store/photo-store.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, customers, noticeChannels, photos } from '../record-store/schema.js'
import { CustomerKey } from './customer-key.js'
import { rewrap } from './keys/envelope.js'
import type { KeyProvider } from './keys/key-provider.js'
import { photoPlace, type Rendition } from './photos/photo-place.js'

export interface Rewrapping {
  store: RecordStore
  photoStore: PhotoStore
  keys: KeyProvider
}

export interface Rewrapped {
  customers: number
  secrets: number
  channels: number
  photos: number
}

const pageSize = 200

/**
 * Wraps every data key by the current key, while the system runs. Whatever was there before stays readable at every moment, so
 * it may be cut short and run again: what is done already is passed over. Only keys are touched, no content is opened.
 */
export async function rewrapEverything(parts: Rewrapping): Promise<Rewrapped> {
  // the keys tell which one wraps once they have wrapped: another process may have added it
  await parts.keys.wrap(Buffer.alloc(32), 'rotation')
  return {
    customers: await rewrapCustomers(parts),
    secrets: await rewrapSecrets(parts),
    channels: await rewrapChannels(parts),
    photos: await rewrapPhotos(parts),
  }
}

async function rewrapCustomers({ store, keys }: Rewrapping): Promise<number> {
  const { id, dataKey } = customers
  return inPages(
    (after) => store.db.select({ id, dataKey }).from(customers).where(gt(id, after)).orderBy(asc(id)).limit(pageSize),
    async (row) => {
      const again = await CustomerKey.rewrap(keys, row)
      if (!again) return 0
      // what was changed in between is left for the next run
      const same = and(eq(id, row.id), eq(dataKey, row.dataKey))
      return (await store.db.update(customers).set({ dataKey: again }).where(same)).rowCount ?? 0
    },
  )
}

/** Second factors of people. */
async function rewrapSecrets({ store, keys }: Rewrapping): Promise<number> {
  const { id, totpSecret, totpPending } = accounts
  const columns = { totpSecret, totpPending }
  return inPages(
    (after) =>
      store.db
        .select({ id, ...columns })
        .from(accounts)
        .where(gt(id, after))
        .orderBy(asc(id))
        .limit(pageSize),
    async (row) => {
      let done = 0
      for (const name of ['totpSecret', 'totpPending'] as const) {
        const sealed = row[name]
        const again = sealed && (await rewrap(keys, sealed, totpPlace(row.id)))
        if (!again) continue
        const same = and(eq(id, row.id), eq(columns[name], sealed))
        done +=
          (
            await store.db
              .update(accounts)
              .set({ [name]: again })
              .where(same)
          ).rowCount ?? 0
      }
      return done
    },
  )
}

/** Where notices go. */
async function rewrapChannels({ store, keys }: Rewrapping): Promise<number> {
  const { id, config } = noticeChannels
  return inPages(
    (after) =>
      store.db.select({ id, config }).from(noticeChannels).where(gt(id, after)).orderBy(asc(id)).limit(pageSize),
    async (row) => {
      const again = await rewrap(keys, row.config, channelPlace(row.id))
      if (!again) return 0
      const same = and(eq(id, row.id), eq(config, row.config))
      return (await store.db.update(noticeChannels).set({ config: again }).where(same)).rowCount ?? 0
    },
  )
}

async function rewrapPhotos({ store, photoStore, keys }: Rewrapping): Promise<number> {
  const { id } = photos
  return inPages(
    (after) => store.db.select({ id }).from(photos).where(gt(id, after)).orderBy(asc(id)).limit(pageSize),
    (row) =>
      // Who deletes the photo waits for us, or was first: an object never comes back after its row went.
      store.db.transaction(async (tx) => {
        const [photo] = await tx.select().from(photos).where(eq(id, row.id)).for('update')
        if (!photo) return 0
        const objects: [Rendition, string][] = [
          ['original', photo.objectKey],
          ['thumbnail', photo.thumbnailKey],
        ]
        let done = 0
        for (const [rendition, key] of objects) {
          const sealed = await contentOf(photoStore, key)
          const again = sealed && (await rewrap(keys, sealed, photoPlace(photo.id, rendition)))
          if (!again) continue
          await photoStore.put(key, again)
          done++
        }
        return done
      }),
  )
}

/** A row whose object is missing is not this command's to judge. */
const contentOf = (photoStore: PhotoStore, key: string): Promise<Buffer | undefined> =>
  photoStore.get(key).then(
    ({ stream }) => buffer(stream),
    (error: unknown) => {
      if (error instanceof PhotoNotFound) return undefined
      throw error
    },
  )

async function inPages<Row extends { id: string }>(
  page: (after: string) => PromiseLike<Row[]>,
  work: (row: Row) => Promise<number>,
): Promise<number> {
  let done = 0
  for (let rows = await page(''); rows.length > 0; rows = await page(rows.at(-1)!.id))
    for (const row of rows) done += await work(row)
  return done
}
