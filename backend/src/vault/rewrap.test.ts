import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { contextFor as totpPlace } from '../identity/totp.service.js'
import { placeOf as channelPlace } from '../notices/mouth.js'
import { aChannel } from '../notices/testing/channel.js'
import { openPhotoFolder } from '../photo-store/files.js'
import type { PhotoStore } from '../photo-store/photo-store.js'
import { accounts, customers, noticeChannels, photos } from '../record-store/schema.js'
import { startTestPostgres, type TestPostgres } from '../testing/postgres.js'
import { CustomerKey } from './customer-key.js'
import { open, seal } from './keys/envelope.js'
import { addWrappingKey, openKeyFile } from './keys/key-file.js'
import type { KeyProvider } from './keys/key-provider.js'
import { photoKeys, photoPlace } from './photos/photo-place.js'
import { rewrapEverything } from './rewrap.js'

let dir: string
let postgres: TestPostgres
let photoStore: PhotoStore
let keys: KeyProvider
const keyFile = () => join(dir, 'keys', 'master.json')
const everything = () => ({ store: postgres.records, photoStore, keys })

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-rewrap-'))
  postgres = await startTestPostgres()
  photoStore = await openPhotoFolder(join(dir, 'photos'))
  keys = await openKeyFile(keyFile())
  const { db } = postgres.records
  const totpSecret = await seal(keys, Buffer.from('second factor'), totpPlace('a1'))
  const person = { username: 'li.na', displayName: 'Li Na', role: 'staff' as const, passwordHash: '-' }
  await db.insert(accounts).values({ id: 'a1', ...person, totpSecret })
  const config = await seal(keys, Buffer.from('address and secret'), channelPlace('n1'))
  const settings = { ...aChannel(), config: undefined }
  await db.insert(noticeChannels).values({ id: 'n1', kind: 'webhook', target: '-', settings, config })
  for (const id of ['c1', 'c2', 'c3']) {
    const key = await CustomerKey.make(keys, id)
    const sealed = {
      name: key.seal(`name of ${id}`, 'name'),
      idNumber: key.seal('1', 'id_number'),
      dataKey: key.wrapped,
    }
    await db.insert(customers).values({ id, ...sealed, businessType: 'retail', owner: 'a1', team: 't', branch: 'b' })
  }
  const facts = { kind: 'face' as const, contentType: 'image/jpeg' as const, bytes: 5, width: 1, height: 1 }
  for (const id of ['p1', 'p2']) {
    const { objectKey, thumbnailKey } = photoKeys(id)
    await photoStore.put(objectKey, await seal(keys, Buffer.from(`photo ${id}`), photoPlace(id, 'original')))
    await photoStore.put(thumbnailKey, await seal(keys, Buffer.from('small'), photoPlace(id, 'thumbnail')))
    await db
      .insert(photos)
      .values({ id, customerId: 'c1', ...facts, capturedAt: new Date(), objectKey, thumbnailKey, createdBy: 'a1' })
  }
  // a row whose object was lost is passed over
  await photoStore.delete(photoKeys('p2').thumbnailKey)
}, 120_000)

afterAll(async () => {
  await postgres.stop()
  await rm(dir, { recursive: true })
})

describe('the rotation of the wrapping key', () => {
  it('wraps every data key anew, once, and says how many', async () => {
    await addWrappingKey(keyFile())
    expect(await rewrapEverything(everything())).toEqual({ customers: 3, secrets: 1, channels: 1, photos: 3 })
    expect(await rewrapEverything(everything())).toEqual({ customers: 0, secrets: 0, channels: 0, photos: 0 })
  })

  it('leaves everything readable, by keys that were opened before and after', async () => {
    for (const reader of [keys, await openKeyFile(keyFile())]) {
      for (const row of await postgres.records.db.select().from(customers))
        expect((await CustomerKey.open(reader, row)).open(row.name, 'name')).toBe(`name of ${row.id}`)
      const [person] = await postgres.records.db.select().from(accounts).where(eq(accounts.id, 'a1'))
      expect((await open(reader, person!.totpSecret!, totpPlace('a1'))).toString()).toBe('second factor')
      const sealed = await buffer((await photoStore.get(photoKeys('p1').objectKey)).stream)
      expect((await open(reader, sealed, photoPlace('p1', 'original'))).toString()).toBe('photo p1')
    }
  })

  it('goes on where it was cut short', async () => {
    await addWrappingKey(keyFile())
    const broken: PhotoStore = { ...photoStore, get: () => Promise.reject(new Error('S3 went away')) }
    await expect(rewrapEverything({ ...everything(), photoStore: broken })).rejects.toThrow('S3 went away')
    expect(await rewrapEverything(everything())).toEqual({ customers: 0, secrets: 0, channels: 0, photos: 3 })
  })
})
