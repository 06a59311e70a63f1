import type { backupKeys } from '@custodia/streams/settings'
import type { z } from 'zod'
import type { Owner } from './backup-key.js'
import type { Keep } from './retention.js'

type Environment = z.output<z.ZodObject<typeof backupKeys>>

export interface BackupS3 {
  region: string
  endpoint: string | undefined
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined
}

export interface BackupSettings {
  /** a folder, or s3://bucket/prefix */
  target: string
  s3: BackupS3
  owner: Owner
  /** HH:MM in the configured time zone; undefined: only by hand */
  dailyAt: string | undefined
  keep: Keep
  maxAgeMs: number
}

/** What the shape of a key alone does not tell: names, never values. */
export function backupProblems(env: Record<string, string | undefined>): string[] {
  const has = (name: keyof Environment) => Boolean(env[name])
  const wrong: string[] = []
  const owners = [has('CUSTODIA_BACKUP_RECIPIENT'), has('CUSTODIA_BACKUP_PASSPHRASE')].filter(Boolean).length
  if (owners === 2)
    wrong.push('CUSTODIA_BACKUP_RECIPIENT and CUSTODIA_BACKUP_PASSPHRASE name two owners of the backups: set one')
  if (has('CUSTODIA_BACKUP_TARGET') && owners === 0)
    wrong.push(
      'CUSTODIA_BACKUP_TARGET needs somebody who can open the backups: set CUSTODIA_BACKUP_RECIPIENT (custodia backup --new-identity) or CUSTODIA_BACKUP_PASSPHRASE',
    )
  if (has('CUSTODIA_BACKUP_S3_ACCESS_KEY_ID') !== has('CUSTODIA_BACKUP_S3_SECRET_ACCESS_KEY'))
    wrong.push('CUSTODIA_BACKUP_S3_ACCESS_KEY_ID and _SECRET_ACCESS_KEY go together: set both or none')
  return wrong
}

/** undefined where no target is named; of an environment without problems */
export function backupSettings(env: Environment): BackupSettings | undefined {
  const owner = ownerOf(env)
  if (!env.CUSTODIA_BACKUP_TARGET || !owner) return undefined
  const [daily = 0, weekly = 0, monthly = 0] = env.CUSTODIA_BACKUP_KEEP.match(/\d+/g)?.map(Number) ?? []
  return {
    target: env.CUSTODIA_BACKUP_TARGET,
    s3: backupS3(env),
    owner,
    dailyAt: env.CUSTODIA_BACKUP_SCHEDULE === 'off' ? undefined : env.CUSTODIA_BACKUP_SCHEDULE,
    keep: { daily, weekly, monthly },
    maxAgeMs: env.CUSTODIA_BACKUP_MAX_AGE_HOURS * 3_600_000,
  }
}

export function backupS3(env: Environment): BackupS3 {
  const { CUSTODIA_BACKUP_S3_ACCESS_KEY_ID: id, CUSTODIA_BACKUP_S3_SECRET_ACCESS_KEY: secret } = env
  return {
    region: env.CUSTODIA_BACKUP_S3_REGION,
    endpoint: env.CUSTODIA_BACKUP_S3_ENDPOINT,
    credentials: id && secret ? { accessKeyId: id, secretAccessKey: secret } : undefined,
  }
}

const ownerOf = (env: Environment): Owner | undefined =>
  env.CUSTODIA_BACKUP_RECIPIENT
    ? { recipient: env.CUSTODIA_BACKUP_RECIPIENT }
    : env.CUSTODIA_BACKUP_PASSPHRASE
      ? { passphrase: env.CUSTODIA_BACKUP_PASSPHRASE }
      : undefined
