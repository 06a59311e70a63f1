import { z } from 'zod'

const optional = z.string().min(1).optional()

/** Where backups go, for whom, and when. */
export const backupKeys = {
  CUSTODIA_BACKUP_TARGET: z
    .string()
    .regex(
      /^(\/.+|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._-]+)*)$/,
      'not /a/folder or s3://bucket/prefix',
    )
    .optional()
    .describe('backups: a folder that is another machine’s disk, or s3://bucket/prefix; without it none are made'),
  CUSTODIA_BACKUP_RECIPIENT: z
    .string()
    .regex(/^age1[02-9ac-hj-np-z]{58}$/, 'not an age recipient: age1 and 58 letters and digits')
    .optional()
    .describe('whose age identity opens the backups; `custodia backup --new-identity` makes one'),
  CUSTODIA_BACKUP_PASSPHRASE: z
    .string()
    .min(20, 'shorter than 20 characters')
    .optional()
    .meta({ description: 'instead: a passphrase that opens them, of several random words', secret: true }),
  CUSTODIA_BACKUP_SCHEDULE: z
    .string()
    .regex(/^(([01]\d|2[0-3]):[0-5]\d|off)$/, 'not a time such as 02:30, or off')
    .default('02:30')
    .describe('when the daily backup is made, in CUSTODIA_TIME_ZONE; off: only by `custodia backup`'),
  CUSTODIA_BACKUP_KEEP: z
    .string()
    .regex(/^\d{1,3}d \d{1,3}w \d{1,3}m$/, 'not such as 7d 4w 12m')
    .default('7d 4w 12m')
    .describe('how many daily, weekly and monthly backups are kept'),
  CUSTODIA_BACKUP_MAX_AGE_HOURS: z.coerce
    .number()
    .min(1)
    .max(8760)
    .default(36)
    .describe('an older newest verified backup raises the alarm'),
  CUSTODIA_BACKUP_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .regex(/^[^@]*$/, 'keys do not belong in the address')
    .optional()
    .describe('URL of the S3 server that keeps backups; default: Amazon’s'),
  CUSTODIA_BACKUP_S3_REGION: z.string().min(1).default('us-east-1').describe('its region'),
  CUSTODIA_BACKUP_S3_ACCESS_KEY_ID: optional.meta({
    description: 'its access key; without it, what the machine’s own role allows',
    secret: true,
  }),
  CUSTODIA_BACKUP_S3_SECRET_ACCESS_KEY: optional.meta({ description: 'and the secret of that key', secret: true }),
}
