import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3'

/** Older uploads were left by a crash; younger ones may belong to another process that is writing. */
const abandonedAfterMs = 24 * 60 * 60 * 1000

/** Throws away parts that never became an object. They cost space and harm nobody, so a refusal to list them is no error. */
export async function abortAbandonedUploads(client: S3Client, bucket: string, now = Date.now()): Promise<void> {
  const { Uploads = [] } = await client
    .send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    .catch(() => ({ Uploads: [] }))
  for (const { Key, UploadId, Initiated } of Uploads)
    if (Initiated && now - Initiated.getTime() > abandonedAfterMs)
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })).catch(() => undefined)
}
