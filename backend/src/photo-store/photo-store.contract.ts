import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { InvalidPhotoKey, PhotoNotFound, type PhotoStore } from './photo-store.js'

/** `open` opens the same store each time it is called within a run. */
export const photoStoreContract = (open: () => Promise<PhotoStore>) => {
  let store: PhotoStore
  let made = 0
  const newKey = () => `test-${process.pid}-${made++}.jpg`
  const read = async (key: string) => buffer((await store.get(key)).stream)

  beforeEach(async () => {
    store = await open()
  })

  it.each([0, 1, 200_000])('returns %d bytes as they were put, with their number', async (size) => {
    const key = newKey()
    const photo = randomBytes(size)
    await store.put(key, photo)
    expect((await store.get(key)).bytes).toBe(size)
    expect((await read(key)).equals(photo)).toBe(true)
  })

  it('takes a stream, and returns it after being opened anew', async () => {
    const key = newKey()
    const parts = [randomBytes(70_000), randomBytes(3), randomBytes(70_000)]
    await store.put(key, Readable.from(parts))
    store = await open()
    expect((await read(key)).equals(Buffer.concat(parts))).toBe(true)
  })

  it('has no half object after a put that failed midway', async () => {
    const key = newKey()
    await expect(store.put(key, breaking())).rejects.toThrow('the sender went away')
    await expect(store.get(key)).rejects.toThrow(PhotoNotFound)
  })

  it('keeps the photo before when its replacement fails midway', async () => {
    const key = newKey()
    await store.put(key, Buffer.from('before'))
    await expect(store.put(key, breaking())).rejects.toThrow('the sender went away')
    expect((await read(key)).toString()).toBe('before')
  })

  it.each(['replaced', 'deleted'])('reads a photo to its end as it was, when it is %s meanwhile', async (how) => {
    const key = newKey()
    const photo = randomBytes(3_000_000)
    await store.put(key, photo)
    const { stream } = await store.get(key)
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const first = (await chunks.next()).value as Buffer
    if (how === 'replaced') await store.put(key, randomBytes(3_000_000))
    else await store.delete(key)
    const read = [first]
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) read.push(next.value)
    expect(Buffer.concat(read).equals(photo)).toBe(true)
  })

  it('lets one of many puts at the same time win, whole', async () => {
    const key = newKey()
    const photos = Array.from({ length: 8 }, () => randomBytes(100_000))
    await Promise.all(photos.map((photo) => store.put(key, photo)))
    const winner = await read(key)
    expect(photos.filter((photo) => photo.equals(winner))).toHaveLength(1)
  })

  it('has no photo that was never put, or was deleted; deleting it again is no error', async () => {
    const key = newKey()
    await expect(store.get(key)).rejects.toThrow(PhotoNotFound)
    await store.put(key, Buffer.from('short-lived'))
    await store.delete(key)
    await expect(store.get(key)).rejects.toThrow(PhotoNotFound)
    await store.delete(key)
  })

  it('is ready to store', async () => {
    await store.check()
  })

  describe.each([
    '',
    '.',
    '..',
    '../escape',
    'a/../../escape',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'a..b',
    'a.',
    '.growing',
    'nul\0byte',
    'line\n',
    'UPPER',
    '照片',
    '%2e%2e%2f',
    'a'.repeat(129),
  ])('the key %j', (key) => {
    it('is refused', async () => {
      await expect(store.put(key, Buffer.from('x'))).rejects.toThrow(InvalidPhotoKey)
      await expect(store.get(key)).rejects.toThrow(InvalidPhotoKey)
      await expect(store.delete(key)).rejects.toThrow(InvalidPhotoKey)
    })
  })
}

const breaking = () =>
  Readable.from(
    (function* () {
      yield randomBytes(100_000)
      throw new Error('the sender went away')
    })(),
  )
