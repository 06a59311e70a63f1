import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startS3, type S3Server } from '../../../deploy/servers/s3.mjs'
import { photoStoreContract } from './photo-store.contract.js'
import { PhotoDamaged, PhotoNotFound, PhotoStoreUnavailable } from './photo-store.js'
import { openS3PhotoStore, type S3Options } from './s3.js'

const mebibyte = 1024 * 1024

describe('the photo store on a real S3 server', () => {
  let server: S3Server
  const open = (over: Partial<S3Options> = {}) => {
    const { endpoint, bucket, region, credentials } = server
    return openS3PhotoStore({ endpoint, bucket, region, credentials, pathStyle: true, timeoutMs: 2000, ...over })
  }
  const failureOf = async (work: Promise<unknown>): Promise<Error> => {
    try {
      await work
    } catch (error) {
      return error as Error
    }
    throw new Error('it should have failed')
  }

  beforeAll(async () => {
    server = await startS3()
  })
  afterAll(() => server?.stop())

  photoStoreContract(() => open())

  describe('a file of many parts', () => {
    it('arrives whole, with its number of bytes', async () => {
      const store = await open()
      const parts = Array.from({ length: 20 }, () => randomBytes(mebibyte + 1))
      await store.put('large', Readable.from(parts))
      const { bytes, stream } = await store.get('large')
      expect(bytes).toBe(20 * (mebibyte + 1))
      expect((await buffer(stream)).equals(Buffer.concat(parts))).toBe(true)
    })

    it('that breaks off leaves no object and no parts', async () => {
      const store = await open()
      const breaking = Readable.from(
        (function* () {
          for (let part = 0; part < 20; part++) yield randomBytes(mebibyte)
          throw new Error('the sender went away')
        })(),
      )
      await expect(store.put('broken-off', breaking)).rejects.toThrow('the sender went away')
      await expect(store.get('broken-off')).rejects.toThrow(PhotoNotFound)
      const { endpoint, bucket: Bucket, region, credentials } = server
      const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
      expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([])
      client.destroy()
    })

    it('is refused when a byte of it was altered', async () => {
      const store = await open()
      await store.put('large-altered', Readable.from(Array.from({ length: 20 }, () => randomBytes(mebibyte))))
      await server.alter('large-altered')
      await expect(buffer((await store.get('large-altered')).stream)).rejects.toThrow(PhotoDamaged)
    })
  })

  describe('a photo that somebody altered behind the server', () => {
    it.each([1, 200_000, 3_000_000])('is refused when one of its %d bytes is another', async (size) => {
      const store = await open()
      await store.put('altered', randomBytes(size))
      await server.alter('altered')
      await expect(buffer((await store.get('altered')).stream)).rejects.toThrow(PhotoDamaged)
    })

    it('is refused when it was put there past the server', async () => {
      const store = await open()
      await store.put('swapped', randomBytes(200_000))
      await server.swap('swapped', randomBytes(200_000))
      await expect(store.get('swapped')).rejects.toThrow(PhotoDamaged)
    })
  })

  describe('at the start', () => {
    it.each([
      ['the secret key', () => ({ ...server.credentials, secretAccessKey: 'hidden-and-wrong' })],
      ['the key id', () => ({ ...server.credentials, accessKeyId: 'hidden-and-wrong' })],
    ])('says that %s is wrong, and repeats none of it', async (_what, credentials) => {
      const error = await failureOf(open({ credentials: credentials() }))
      expect(error.message).toMatch(/does not accept the keys: correct CUSTODIA_S3_ACCESS_KEY_ID and/)
      const told = JSON.stringify([error, error.message, error.stack, error.cause])
      const { accessKeyId, secretAccessKey } = server.credentials
      for (const secret of ['hidden-and-wrong', accessKeyId, secretAccessKey]) expect(told).not.toContain(secret)
    })

    it('says that there is no such bucket, and what to do', async () => {
      const error = await failureOf(open({ bucket: 'nobody-made-this' }))
      expect(error.message).toMatch(/There is no bucket nobody-made-this on 127\.0\.0\.1:\d+: create it/)
    })

    it('says that no server is there', async () => {
      const error = await failureOf(open({ endpoint: 'http://127.0.0.1:1' }))
      expect(error.message).toMatch(/^The photo store 127\.0\.0\.1:1 did not do what was asked \(\w+\)/)
    })
  })

  describe('a server', () => {
    it('that is gone is an error, and serves what it had when it is back', async () => {
      const store = await open()
      await store.put('kept', Buffer.from('still here'))
      await server.kill()
      for (const work of [store.get('kept'), store.put('new', Buffer.from('x')), store.delete('kept'), store.check()])
        expect(await failureOf(work)).toBeInstanceOf(PhotoStoreUnavailable)
      await server.start()
      expect((await buffer((await store.get('kept')).stream)).toString()).toBe('still here')
      await expect(store.get('new')).rejects.toThrow(PhotoNotFound)
    })

    it('that swallows everything is an error in bounded time, also in the middle of a photo', async () => {
      const store = await open({ timeoutMs: 300 })
      await store.put('swallowed', randomBytes(20 * mebibyte))
      const { stream } = await store.get('swallowed')
      const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
      await chunks.next()
      await server.freeze()
      try {
        const rest = async () => {
          while (!(await chunks.next()).done);
        }
        const works = [rest(), store.get('swallowed'), store.put('new', Buffer.from('x')), store.check()]
        for (const error of await Promise.all(works.map(failureOf))) expect(error).toBeInstanceOf(PhotoStoreUnavailable)
      } finally {
        server.thaw()
      }
      await store.check()
    })
  })
})
