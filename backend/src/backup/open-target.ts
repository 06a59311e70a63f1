import type { BackupTarget } from './backup-target.js'
import { openFolderTarget } from './folder-target.js'
import { openS3Target } from './s3-target.js'
import type { BackupS3 } from './settings.js'

/** The only place that knows which adapter stands behind a target's name. */
export async function openTarget(name: string, s3: BackupS3): Promise<BackupTarget> {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(name) ?? []
  return bucket ? openS3Target({ bucket, prefix, ...s3 }) : openFolderTarget(name)
}
