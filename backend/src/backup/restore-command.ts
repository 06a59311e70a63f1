import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { StartError } from '../cli/start-error.js'
import { readConfigFromEnvironment, type Config } from '../config.js'
import { createLogger } from '../logger.js'
import { WrongOwner, type OwnerSecret } from './backup-key.js'
import type { BackupTarget } from './backup-target.js'
import { drill } from './drill.js'
import { findBackup, NoBackup, openAsOwner } from './find-backup.js'
import { openTarget } from './open-target.js'
import { DamagedPart } from './parts.js'
import { inNewPlace, requireEmptyDataDir } from './place.js'
import { timeOf } from './manifest.js'
import { restoreBackup, restoreLog } from './restore-backup.js'
import { recordDone } from './record-done.js'
import { openRunningSystem, requireInstallation } from '../cli/running-system.js'

export const restoreUsage = `usage: custodia restore [--from <target>] [--backup <id>] [--identity-file <file>] [--key <age1…>]
       custodia restore --drill [--from <target>] [--identity-file <file>]
       custodia restore --log-only [--from <target>]

Restores a backup into an empty data directory (CUSTODIA_DATA_DIR), or into the empty servers that the configuration names.

  --from           folder, or s3://bucket/prefix; default: CUSTODIA_BACKUP_TARGET
  --backup         which one; default: the newest that was verified
  --identity-file  file with the age identity that the backups were made for; without it the passphrase of
                   CUSTODIA_BACKUP_PASSPHRASE is used
  --key            the key that was printed at the first backup: refuses a backup that somebody else made
  --drill          restores beside the running system, compares everything, records the result and removes the copy
  --log-only       restores the event log, and the audit store from it, where these two were lost and the records, photos and
                   keys are there: into empty topics and an empty ClickHouse database, while no gateway and no streams run`

export const restoreFlags = {
  help: { type: 'boolean' },
  drill: { type: 'boolean' },
  'log-only': { type: 'boolean' },
  from: { type: 'string' },
  backup: { type: 'string' },
  'identity-file': { type: 'string' },
  key: { type: 'string' },
} as const

const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Options {
  from?: string | undefined
  backup?: string | undefined
  'identity-file'?: string | undefined
  key?: string | undefined
}

export async function restoreCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: restoreFlags })
  if (values.help) return say(restoreUsage)
  const config = readConfigFromEnvironment()
  try {
    if (values.drill) await drill(config, secretOf(config, values['identity-file']), values.from, say)
    else if (values['log-only']) await restoreLogOnly(config, values)
    else await restore(config, values)
  } catch (error) {
    const expected = error instanceof DamagedPart || error instanceof NoBackup || error instanceof WrongOwner
    throw expected ? new StartError(error.message, { cause: error }) : error
  }
}

const targetOf = (config: Config, options: Options): string => {
  const from = options.from ?? config.backup?.target
  if (!from) throw new StartError('Nothing says where the backups are: use --from, or set CUSTODIA_BACKUP_TARGET.')
  return from
}

async function restoreLogOnly(config: Config, options: Options): Promise<void> {
  requireInstallation(config)
  if (options.backup !== undefined) throw new StartError('--log-only takes the newest backup: leave --backup out.')
  const from = targetOf(config, options)
  const target = await openTarget(from, config.backupS3)
  const startedAt = new Date()
  try {
    // The newest, always: what later backups share with it must be what is then in the log.
    const id = await findBackup(target, undefined)
    const counts = await inNewPlace(config, say, async () => {
      const restored = await restoreLog({ config, target, id, logger: createLogger('warn', 'restore'), say })
      const app = await openRunningSystem(config)
      const done = { kind: 'restore', backup: id, from, startedAt, counts: restored } as const
      await recordDone(app, done).finally(() => app.close())
      return restored
    })
    say(
      `\nThe log is as it was at ${timeOf(id).toISOString()}: ${counts['log_records']} records. Accesses after that are in no report.`,
    )
  } finally {
    target.close()
  }
}

async function restore(config: Config, options: Options): Promise<void> {
  const from = targetOf(config, options)
  const secret = secretOf(config, options['identity-file'])
  if (!secret)
    throw new StartError(
      'Nothing says what opens the backup: use --identity-file, or set CUSTODIA_BACKUP_PASSPHRASE to the passphrase.',
    )
  await requireEmptyDataDir(config)
  const target = await openTarget(from, config.backupS3)
  try {
    await restoreFrom(config, target, { ...options, from }, secret)
  } finally {
    target.close()
  }
}

async function restoreFrom(
  config: Config,
  target: BackupTarget,
  options: Options & { from: string },
  secret: OwnerSecret,
): Promise<void> {
  const id = await findBackup(target, options.backup)
  const backup = await openAsOwner(target, id, secret, options.key)
  say(`Backup ${id}, made by version ${backup.manifest.version}, of key ${backup.manifest.key}`)
  const logger = createLogger('warn', 'restore')
  const startedAt = new Date()
  const counts = await inNewPlace(config, say, async () => {
    const restored = await restoreBackup({ config, target, backup, photos: 'keep', logger, say })
    const app = await openRunningSystem(config)
    const done = { kind: 'restore', backup: id, from: options.from, startedAt, counts: restored } as const
    await recordDone(app, done).finally(() => app.close())
    return restored
  })
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000)
  say(`\nRestored and compared in ${seconds} s: ${counts['rows']} rows, ${counts['photo_objects']} photo objects.`)
  say(`Everything is as it was at ${backup.manifest.made_at}. What was done after that is not in it: look through people
who were disabled or frozen, roles and tokens that were taken away, and photos that were deleted since, and do it again.
Everybody has to sign in anew. Start the system with: custodia start`)
}

/** What opens the backups: a file that the owner brought, or the passphrase of the configuration. */
function secretOf({ backup }: Config, file: string | undefined): OwnerSecret | undefined {
  if (file !== undefined) {
    const identity = readIdentity(file)
    if (!identity) throw new StartError(`${file} holds no age identity: a line that begins with AGE-SECRET-KEY-.`)
    return { identity }
  }
  return backup && 'passphrase' in backup.owner ? { passphrase: backup.owner.passphrase } : undefined
}

function readIdentity(file: string): string | undefined {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.map((line) => line.trim()).find((line) => line.startsWith('AGE-SECRET-KEY-'))
  } catch (cause) {
    throw new StartError(`The identity file ${file} cannot be read.`, { cause })
  }
}
