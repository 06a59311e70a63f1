import { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  HeadBucketCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { NotInTarget, requireTargetName, type BackupTarget, type TargetObject } from './backup-target.js'

export interface S3TargetOptions {
  bucket: string
  /** put before every name, without a slash at its end; may be empty */
  prefix: string
  region: string
  /** another server than Amazon's */
  endpoint?: string | undefined
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined
}

const partSize = 8 * 1024 * 1024
const timeoutMs = 30_000
const attempts = 5

/** A bucket. Uploads go in parts with a checksum each; an upload that is not completed leaves nothing that can be read. */
export async function openS3Target(options: S3TargetOptions): Promise<BackupTarget> {
  const { bucket, prefix, region, endpoint, credentials } = options
  const client = new S3Client({
    region,
    forcePathStyle: endpoint !== undefined,
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
  })
  const target = new S3Target(client, bucket, prefix === '' ? '' : `${prefix}/`)
  await target.check()
  return target
}

class S3Target implements BackupTarget {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly prefix: string,
  ) {}

  async put(name: string, content: Uint8Array | Readable): Promise<void> {
    const params = { ...this.at(name), Body: content, ChecksumAlgorithm: 'SHA256' as const }
    await new Upload({ client: this.client, params, partSize, queueSize: 2 }).done()
  }

  async get(name: string): Promise<Readable> {
    const found = await this.client
      .send(new GetObjectCommand({ ...this.at(name), ChecksumMode: 'ENABLED' }))
      .catch((error: unknown) => {
        throw isMissing(error) ? new NotInTarget(name) : error
      })
    return found.Body as Readable
  }

  async size(name: string): Promise<number | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand(this.at(name)))).ContentLength ?? 0
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async *list(prefix: string): AsyncIterable<TargetObject> {
    if (prefix !== '') requireTargetName(prefix.replace(/\/$/, ''))
    const pages = paginateListObjectsV2({ client: this.client }, { Bucket: this.bucket, Prefix: this.prefix + prefix })
    for await (const page of pages)
      for (const { Key = '', Size = 0 } of page.Contents ?? [])
        yield { name: Key.slice(this.prefix.length), bytes: Size }
  }

  async delete(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(name)))
  }

  async check(): Promise<void> {
    await this.client.send(new HeadBucketCommand({ Bucket: this.bucket })).catch((cause: unknown) => {
      throw new Error(
        `The backup bucket ${this.bucket} does not answer: see that it exists, and that CUSTODIA_BACKUP_S3_… name its server and a key that may write to it.`,
        { cause },
      )
    })
  }

  close(): void {
    this.client.destroy()
  }

  private at(name: string): { Bucket: string; Key: string } {
    requireTargetName(name)
    return { Bucket: this.bucket, Key: this.prefix + name }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && (error.name === 'NoSuchKey' || error.name === 'NotFound')
