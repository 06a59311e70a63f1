import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startS3, type S3Server } from '../../../deploy/servers/s3.mjs'
import { backupTargetContract } from './backup-target.contract.js'
import { openS3Target, type S3TargetOptions } from './s3-target.js'

let s3: S3Server
const options = (over: Partial<S3TargetOptions> = {}): S3TargetOptions => {
  const { endpoint, bucket, region, credentials } = s3
  return { endpoint, bucket, region, credentials, prefix: 'custodia/backups', ...over }
}
beforeAll(async () => {
  s3 = await startS3()
}, 600_000)
afterAll(() => s3?.stop())

describe('S3 as backup target', () => {
  backupTargetContract(() => openS3Target(options()))

  it('keeps to its prefix: another one sees nothing of it', async () => {
    const here = await openS3Target(options({ prefix: 'here' }))
    const there = await openS3Target(options({ prefix: 'there' }))
    await here.put('a', Buffer.from('x'))
    expect(await there.size('a')).toBeUndefined()
    for await (const { name } of there.list('')) expect(name).toBe('nothing')
  })

  it('says what to do where the bucket is missing, or the key is not the server’s', async () => {
    await expect(openS3Target(options({ bucket: 'no-such-bucket' }))).rejects.toThrow('see that it exists')
    const credentials = { accessKeyId: 'wrong', secretAccessKey: 'wrong' }
    await expect(openS3Target(options({ credentials }))).rejects.toThrow('CUSTODIA_BACKUP_S3_')
  })
})
