import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
  type GetObjectCommandOutput,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { PhotoDamaged, PhotoNotFound, PhotoStoreUnavailable, requirePhotoKey } from './photo-store.js'
import type { PhotoStore, StoredPhoto } from './photo-store.js'
import { codeOf, isMissing, sentenceOf, type Place } from './s3-errors.js'
import { abortAbandonedUploads } from './s3-abandoned.js'

export interface S3Options {
  bucket: string
  region: string
  /** another server than Amazon's */
  endpoint?: string
  /** the bucket in the path, not in the host name */
  pathStyle: boolean
  /** without it, what the machine's own role allows */
  credentials?: { accessKeyId: string; secretAccessKey: string }
  /** how long a silent server is waited for */
  timeoutMs: number
}

const mebibyte = 1024 * 1024
/** Up to here a photo is one request, with the SHA-256 of its bytes; a larger one goes in parts, with a CRC of the whole. */
const inOnePiece = 32 * mebibyte
const partSize = 8 * mebibyte
const attempts = 3

/** The photo store of many machines. Proves at the start that it can write, read with a checksum, and delete. */
export async function openS3PhotoStore(options: S3Options): Promise<PhotoStore> {
  const { bucket, region, endpoint, pathStyle, credentials, timeoutMs } = options
  const client = new S3Client({
    region,
    endpoint,
    forcePathStyle: pathStyle,
    credentials,
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: timeoutMs, socketTimeout: timeoutMs },
  })
  const store = new S3PhotoStore(client, { bucket, host: endpoint ? new URL(endpoint).host : 's3' }, timeoutMs)
  await store.prove()
  await abortAbandonedUploads(client, bucket)
  return store
}

class S3PhotoStore implements PhotoStore {
  constructor(
    private readonly client: S3Client,
    private readonly place: Place,
    private readonly timeoutMs: number,
  ) {}

  async put(key: string, content: Uint8Array | Readable): Promise<void> {
    requirePhotoKey(key)
    await (content instanceof Uint8Array && content.length <= inOnePiece
      ? this.putAtOnce(key, content)
      : this.putInParts(key, content))
  }

  async get(key: string): Promise<StoredPhoto> {
    requirePhotoKey(key)
    const input = { Bucket: this.place.bucket, Key: key, ChecksumMode: 'ENABLED' } as const
    const found = await this.answer((abortSignal) =>
      this.client.send(new GetObjectCommand(input), { abortSignal }),
    ).catch((error: unknown) => {
      throw isMissing(error) ? new PhotoNotFound(key) : this.unavailable(error)
    })
    const body = found.Body as Readable
    // Nobody may ever read it; its end is then nobody's error either.
    body.on('error', () => undefined)
    if (!hasChecksum(found)) {
      body.destroy()
      throw new PhotoDamaged(key)
    }
    return { bytes: found.ContentLength ?? 0, stream: Readable.from(this.verified(key, body), { objectMode: false }) }
  }

  async delete(key: string): Promise<void> {
    requirePhotoKey(key)
    const input = { Bucket: this.place.bucket, Key: key }
    await this.answer((abortSignal) => this.client.send(new DeleteObjectCommand(input), { abortSignal })).catch(
      (error: unknown) => {
        throw this.unavailable(error)
      },
    )
  }

  async check(): Promise<void> {
    const input = { Bucket: this.place.bucket }
    await this.answer((abortSignal) => this.client.send(new HeadBucketCommand(input), { abortSignal })).catch(
      (error: unknown) => {
        throw this.unavailable(error)
      },
    )
  }

  /** Writes, reads back and deletes a small object: wrong keys and a server without checksums show before a photo is lost. */
  async prove(): Promise<void> {
    const key = `start-${randomUUID()}`
    await this.put(key, Buffer.from(key))
    try {
      await buffer((await this.get(key)).stream)
    } catch (error) {
      if (error instanceof PhotoDamaged)
        throw new PhotoStoreUnavailable(`${this.place.host} does not keep checksums of objects: use an S3 that does.`)
      throw error
    } finally {
      await this.delete(key)
    }
  }

  private async putAtOnce(key: string, content: Uint8Array): Promise<void> {
    const input = { Bucket: this.place.bucket, Key: key, Body: content, ChecksumAlgorithm: 'SHA256' } as const
    await this.answer(
      (abortSignal) => this.client.send(new PutObjectCommand(input), { abortSignal }),
      attempts * this.timeoutMs,
    ).catch((error: unknown) => {
      throw this.unavailable(error)
    })
  }

  /** An object appears when its last part is confirmed; parts of one that failed are thrown away. */
  private async putInParts(key: string, content: Uint8Array | Readable): Promise<void> {
    // The sender's failure is told as it is; only the server's becomes ours.
    let sender: unknown
    const failed = (error: unknown) => (sender = error)
    if (content instanceof Readable) content.once('error', failed)
    const params = {
      Bucket: this.place.bucket,
      Key: key,
      Body: content,
      ChecksumAlgorithm: 'CRC32', // the library leaves CRC64NVME out of the list of parts
      ChecksumType: 'FULL_OBJECT',
    } as const
    try {
      await new Upload({ client: this.client, params, partSize, queueSize: 2 }).done()
    } catch (error) {
      throw sender ?? this.unavailable(error)
    } finally {
      if (content instanceof Readable) content.off('error', failed)
    }
  }

  /** Ends without an error only when every byte has come and the checksum is right. */
  private async *verified(key: string, body: Readable): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) yield chunk
    } catch (error) {
      // The library has no other name for it. Taken for a lost connection, the photo would be refused all the same.
      throw /^Checksum mismatch/.test((error as Error).message) ? new PhotoDamaged(key) : this.unavailable(error)
    }
  }

  /** The server's answer, retries included, or an error when it takes too long. */
  private async answer<T>(ask: (signal: AbortSignal) => Promise<T>, patienceMs = 2 * this.timeoutMs): Promise<T> {
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(), patienceMs)
    try {
      return await ask(patience.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  /** The server's own error repeats keys and signatures, so it goes no further than this. */
  private unavailable(error: unknown): PhotoStoreUnavailable {
    return new PhotoStoreUnavailable(sentenceOf(codeOf(error), this.place))
  }
}

/** Of the whole object: a checksum of parts' checksums ends in their number and proves nothing to a reader. */
const hasChecksum = (found: GetObjectCommandOutput): boolean =>
  [found.ChecksumSHA256, found.ChecksumCRC64NVME, found.ChecksumCRC32C, found.ChecksumCRC32].some(
    (checksum) => checksum !== undefined && !/-\d+$/.test(checksum),
  )
