import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPhotoFolder } from '../../photo-store/files.js'
import { PhotoNotFound, type PhotoStore } from '../../photo-store/photo-store.js'
import { startTestPostgres, type TestPostgres } from '../../testing/postgres.js'
import { pauseRemovals, removeNotedObjects, removeObjectsWithRows, resumeRemovals } from './photo-removals.js'

describe('objects of deleted photos', () => {
  let postgres: TestPostgres
  let photos: PhotoStore
  let folder: string
  beforeAll(async () => {
    postgres = await startTestPostgres()
    folder = await mkdtemp(join(tmpdir(), 'custodia-removals-'))
    photos = await openPhotoFolder(folder)
  })
  afterAll(async () => {
    await postgres?.stop()
    await rm(folder, { recursive: true })
  })

  const put = (keys: string[]) => Promise.all(keys.map((key) => photos.put(key, Buffer.from(key))))
  const remove = (keys: string[]) => postgres.records.db.transaction((tx) => removeObjectsWithRows(tx, photos, keys))
  const gone = (key: string) =>
    photos.get(key).then(
      ({ stream }) => {
        stream.destroy()
        return false
      },
      (error: unknown) => error instanceof PhotoNotFound,
    )

  it('go at once', async () => {
    await put(['a1', 'a2'])
    await remove(['a1', 'a2'])
    expect([await gone('a1'), await gone('a2')]).toEqual([true, true])
  })

  it('stay while a backup copies photos, and go when it is done; nobody waits for it', async () => {
    await put(['b1', 'b2'])
    await postgres.records.session(async (backup) => {
      await pauseRemovals(backup)
      await remove(['b1', 'b2'])
      await removeNotedObjects(postgres.records, photos) // the scheduler's minute
      expect([await gone('b1'), await gone('b2')]).toEqual([false, false])
      await resumeRemovals(backup)
      await removeNotedObjects(postgres.records, photos)
      expect([await gone('b1'), await gone('b2')]).toEqual([true, true])
    })
  })

  it('are not forgotten when the backup is killed', async () => {
    await put(['c1'])
    await expect(
      postgres.records.session(async (backup) => {
        await pauseRemovals(backup)
        await remove(['c1'])
        throw new Error('killed')
      }),
    ).rejects.toThrow('killed')
    await removeNotedObjects(postgres.records, photos)
    expect(await gone('c1')).toBe(true)
  })

  it('a backup begins only when those that are being removed are gone', async () => {
    await put(['d1'])
    let paused = false
    let waiting: Promise<void> | undefined
    await postgres.records.db.transaction(async (tx) => {
      await removeObjectsWithRows(tx, photos, ['d1'])
      waiting = postgres.records.session(async (backup) => {
        await pauseRemovals(backup)
        paused = true
      })
      await tx.execute('select pg_sleep(0.1)')
      expect(paused).toBe(false)
    })
    await waiting
    expect(paused).toBe(true)
  })
})
